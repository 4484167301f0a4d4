/// What a header may claim before any memory is given to its pixels: the defence against decompression bombs.
package struct ImageLimits: Sendable, Hashable {
    package var maximumSide: Int
    package var maximumPixelCount: Int

    /// - Precondition: both positive; the side fits in 31 bits, as in PNG.
    package init(maximumSide: Int, maximumPixelCount: Int) {
        precondition(maximumSide > 0 && maximumSide < 1 << 31 && maximumPixelCount > 0, "limits are positive")
        self.maximumSide = maximumSide
        self.maximumPixelCount = maximumPixelCount
    }

    /// 64 Mi pixels, 192 MiB as RGB: above any photograph worth training on, below what hurts a small machine.
    package static let standard = ImageLimits(maximumSide: 32_768, maximumPixelCount: 1 << 26)
}
