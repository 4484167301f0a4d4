extension Image {
    /// A blend with the picture's mean gray, bit for bit `ImageEnhance.Contrast` of Pillow 10. A picture of one gray
    /// stays as it is.
    ///
    /// - Precondition: a finite factor.
    package func withContrast(_ factor: Double) -> Image {
        mapped(through: Blend(factor).table(over: meanGray))
    }

    /// The mean gray level of all pixels, halves up.
    private var meanGray: UInt8 {
        let total = pixels.withUnsafeBufferPointer { pixels in
            var total = 0
            var start = 0
            while start < pixels.count {
                total &+= Int(Luma.of(pixels[start], pixels[start &+ 1], pixels[start &+ 2]))
                start &+= 3
            }
            return total
        }
        return UInt8(Double(total) / Double(width * height) + 0.5)
    }
}
