extension Image {
    /// A blend of each pixel with its own gray, bit for bit `ImageEnhance.Color` of Pillow 10; a factor of 0 is
    /// `grayscaled()`.
    ///
    /// - Precondition: a finite factor.
    package func withSaturation(_ factor: Double) -> Image {
        let blend = Blend(factor)
        var result = self
        result.pixels.withUnsafeMutableBufferPointer { pixels in
            var start = 0
            while start < pixels.count {
                let (red, green, blue) = (pixels[start], pixels[start &+ 1], pixels[start &+ 2])
                let gray = Luma.of(red, green, blue)
                pixels[start] = blend(red, over: gray)
                pixels[start &+ 1] = blend(green, over: gray)
                pixels[start &+ 2] = blend(blue, over: gray)
                start &+= 3
            }
        }
        return result
    }
}
