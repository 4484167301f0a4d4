extension Image {
    /// Multiplies every channel by the factor: a blend with black, bit for bit `ImageEnhance.Brightness` of Pillow 10.
    ///
    /// - Precondition: a finite factor.
    package func withBrightness(_ factor: Double) -> Image {
        mapped(through: Blend(factor).table(over: 0))
    }
}
