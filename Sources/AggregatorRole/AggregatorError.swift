import Stores

/// What stops an aggregator; each is recorded with the run before it is thrown.
enum AggregatorError: Error, Equatable, CustomStringConvertible {
    /// A stored gradient is not what its manifest says.
    case gradientCorrupt(job: JobID, attempt: Int)
    /// Replaying the ledger gave other weights than those that were published.
    case replayDiverged(number: Int)
    /// The update gave a weight or a norm that is no number.
    case updateNotFinite(step: Int)

    var description: String {
        switch self {
        case .gradientCorrupt(let job, let attempt):
            "The stored gradient of job \(job), attempt \(attempt), does not match its manifest. Run `stillhouse verify`; "
                + "`stillhouse run resume` tries again once the database is repaired."
        case .replayDiverged(let number):
            "Computing version \(number) again gives other weights than were published. Was it made by another build or "
                + "on a CPU with other kernels? Start the aggregator there, or go back to the newest durable version "
                + "with `stillhouse run rewind`."
        case .updateNotFinite(let step):
            "Step \(step) would make a weight that is not a number. Version \(step) is the last good one. Lower the "
                + "learning rate or set clip_norm, and start a new run from it."
        }
    }
}
