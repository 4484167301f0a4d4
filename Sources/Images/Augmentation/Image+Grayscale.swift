extension Image {
    /// Each pixel's gray in all three channels, bit for bit `ImageOps.grayscale` of Pillow 10.
    package func grayscaled() -> Image {
        var result = self
        result.pixels.withUnsafeMutableBufferPointer { pixels in
            var start = 0
            while start < pixels.count {
                let gray = Luma.of(pixels[start], pixels[start &+ 1], pixels[start &+ 2])
                pixels[start] = gray
                pixels[start &+ 1] = gray
                pixels[start &+ 2] = gray
                start &+= 3
            }
        }
        return result
    }
}
