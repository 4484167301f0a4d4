/// Where the time between the last gradient of a step and the next version went.
///
/// Always measured, as that costs a few readings of a clock; whoever wants it passes `onVersion` to the aggregator.
package struct VersionTimings: Sendable {
    /// Of the step that the version applies.
    package let step: Int
    /// When the look began that found the step complete.
    package let noticedAt: ContinuousClock.Instant
    /// Reading, judging and adding the gradients that this look found.
    package var reduce = Duration.zero
    /// The optimizer's update.
    package var apply = Duration.zero
    /// Hashing the new weights and storing what the database lacks.
    package var store = Duration.zero
    /// The draft and the transaction that makes it the head.
    package var decide = Duration.zero
    /// When the database had answered the COMMIT.
    package var publishedAt: ContinuousClock.Instant

    init(step: Int, noticedAt: ContinuousClock.Instant) {
        (self.step, self.noticedAt) = (step, noticedAt)
        publishedAt = noticedAt
    }
}
