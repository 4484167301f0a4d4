/// What a run gave up when it went back to an earlier version; all of it is computed again.
package struct Rewind: Hashable, Sendable {
    /// The head before, and the head now.
    package let from: Int
    package let to: Int
    /// Gradients of the versions that were given up.
    package let voidGradientCount: Int
    /// Gradients that waited to be applied.
    package let lostGradientCount: Int
    /// Jobs taken from workers that were computing them.
    package let revokedJobCount: Int

    package init(
        from: Int,
        to: Int,
        voidGradientCount: Int,
        lostGradientCount: Int,
        revokedJobCount: Int
    ) {
        (self.from, self.to) = (from, to)
        (self.voidGradientCount, self.lostGradientCount) = (voidGradientCount, lostGradientCount)
        self.revokedJobCount = revokedJobCount
    }

    package var lostVersionCount: Int { from - to }
}
