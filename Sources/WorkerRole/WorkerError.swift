/// Why a worker leaves, or ends a job without a gradient, when nothing of lower layers is the reason.
package enum WorkerError: Error, Equatable {
    /// The job in hand took longer than a drain may; it was given back without charge.
    case drainTimedOut
    /// No sample of the job gives a number, so that the weights must be to blame.
    case diverged(samples: [Int64])
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
        }
    }
}
