import Stores

/// A job that this session has claimed, with what its stages have taken so far.
struct HeldJob: Sendable {
    let job: ClaimedJob
    var timings: JobTimings

    /// - Parameter askedAt: when the claim was sent.
    init(_ job: ClaimedJob, askedAt: ContinuousClock.Instant) {
        self.job = job
        timings = JobTimings(step: job.arguments.step, ordinal: job.arguments.ordinal, claimedAt: askedAt)
    }
}
