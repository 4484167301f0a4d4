package import Stores

/// Why a worker leaves, or ends a job without a gradient, when nothing of lower layers is the reason.
package enum WorkerError: Error, Equatable {
    /// The job in hand took longer than a drain may; it was given back without charge.
    case drainTimedOut
    /// No sample of the job gives a number, so that the weights must be to blame.
    case diverged(samples: [Int64])
    /// The embeddings that the job was to be computed among are not there any more: the run has gone back.
    case stepReopened(Int)
    /// What is stored of a step's embeddings, of one job or of all, is not what was agreed on.
    case embeddingsCorrupt(step: Int, job: JobID?)
    /// Samples that have been embedded cannot be had for their gradient.
    case embeddedSamplesBad([BadSample])
    /// The recipe names no evaluation at this place.
    case evaluationUnknown(Int)
}

extension WorkerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .drainTimedOut:
            "The job in hand was not finished within the drain's time limit, so it was given back; nobody is charged. "
                + "Raise --drain-timeout if jobs take longer than that."
        case .diverged(let samples):
            "The gradients of samples \(samples.map(String.init).joined(separator: ", ")) are not finite, each by itself. "
                + "Lower the learning rate or set clip_norm, and start a new run from the last good version."
        case .stepReopened(let step):
            "Step \(step) is not in its second phase any more, so the job was given back; nobody is charged."
        case .embeddingsCorrupt(let step, let job):
            "The stored embeddings of step \(step)\(job.map { ", job \($0)," } ?? "") do not match their digests. "
                + "Run `stillhouse verify`; if the database is sound, go back with `stillhouse run rewind`, and they are "
                + "computed again."
        case .embeddedSamplesBad(let samples):
            "Samples that were embedded in the step's first phase cannot be used in its second: "
                + samples.map { "\($0.key) (\($0.reason))" }.joined(separator: ", ")
                + ". Mend the pictures of this machine; if they are bad everywhere, cancel the job."
        case .evaluationUnknown(let ordinal):
            "The recipe has no evaluation.sets[\(ordinal)]. The job was planned for another recipe; cancel it."
        }
    }
}
