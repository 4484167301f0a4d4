/// What ends a job without a gradient.
enum WorkerError: Error, Equatable, CustomStringConvertible {
    /// No sample of the job gives a number, so that the weights must be to blame.
    case diverged(samples: [Int64])

    var description: String {
        switch self {
        case .diverged(let samples):
            "The gradients of samples \(samples.map(String.init).joined(separator: ", ")) are not finite, each by itself. "
                + "Lower the learning rate or set clip_norm, and start a new run from the last good version."
        }
    }
}
