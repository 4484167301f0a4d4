extension Image {
    /// Turns every hue by a share of the circle, bit for bit `adjust_hue` of torchvision on Pillow 10 pictures: through
    /// HSV in eight bits, the share cut to whole 255ths. Even a share of 0 goes through HSV, which costs a few levels.
    ///
    /// - Precondition: a share from −0.5 to 0.5.
    package func withHueShifted(by share: Double) -> Image {
        precondition((-0.5...0.5).contains(share), "half a circle either way")
        let shift = UInt8(truncatingIfNeeded: Int(share * 255))
        var result = self
        result.pixels.withUnsafeMutableBufferPointer { pixels in
            var start = 0
            while start < pixels.count {
                let color = HueCircle.moved(pixels[start], pixels[start &+ 1], pixels[start &+ 2], by: shift)
                pixels[start] = color.red
                pixels[start &+ 1] = color.green
                pixels[start &+ 2] = color.blue
                start &+= 3
            }
        }
        return result
    }
}
