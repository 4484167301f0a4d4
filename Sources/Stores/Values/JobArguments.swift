/// What a job is about: positions of an epoch's seeded permutation, to be summed into one gradient or embedded.
///
/// Nothing about who computes it, when, or how often enters, so that every attempt gives the same bits.
package struct JobArguments: Hashable, Sendable, Codable {
    package let step: Int
    /// Place among the jobs of the step, which is the order of summation.
    package let ordinal: Int
    package let epoch: Int
    package let firstIndex: Int
    package let sampleCount: Int

    package init(step: Int, ordinal: Int, epoch: Int, firstIndex: Int, sampleCount: Int) {
        (self.step, self.ordinal, self.epoch) = (step, ordinal, epoch)
        (self.firstIndex, self.sampleCount) = (firstIndex, sampleCount)
    }

    package var positions: Range<Int> { firstIndex..<(firstIndex + sampleCount) }
}
