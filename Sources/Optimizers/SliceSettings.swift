/// How one stretch of the flat vector is updated.
package struct SliceSettings: Hashable, Sendable {
    /// Where the stretch lies in the vector that trains.
    package let range: Range<Int>
    /// Multiplies the schedule's rate, and with it the decay's step.
    package let learningRateScale: Double
    /// Decoupled decay per unit of learning rate.
    package let weightDecay: Double

    package init(range: Range<Int>, learningRateScale: Double = 1, weightDecay: Double = 0) {
        self.range = range
        self.learningRateScale = learningRateScale
        self.weightDecay = weightDecay
    }
}
