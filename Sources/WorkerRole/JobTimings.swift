/// Where the time of one job went, from its claim to the reply to its submission.
///
/// Always measured, as that costs a few readings of a clock; whoever wants it passes `Worker.Configuration.onJob`.
package struct JobTimings: Sendable {
    package let step: Int
    package let ordinal: Int
    /// When the claim was sent that brought the job.
    package let claimedAt: ContinuousClock.Instant
    /// Until its reply.
    package let claim: Duration
    /// Fetching weights; zero when the job starts from those that the worker holds.
    package var pull = Duration.zero
    package var compute = Duration.zero
    /// Hashing and sending the gradient, and the answer to its submission.
    package var handIn = Duration.zero
    /// When the database had answered the submission.
    package var submittedAt: ContinuousClock.Instant

    init(step: Int, ordinal: Int, claimedAt: ContinuousClock.Instant) {
        (self.step, self.ordinal, self.claimedAt) = (step, ordinal, claimedAt)
        claim = ContinuousClock.now - claimedAt
        submittedAt = claimedAt
    }
}
