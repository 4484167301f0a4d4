/// Why a worker leaves, when neither the end of its run nor a finished drain is the reason.
package enum WorkerError: Error, Equatable {
    /// The job in hand took longer than a drain may; it was given back without charge.
    case drainTimedOut
}

extension WorkerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .drainTimedOut:
            "The job in hand was not finished within the drain's time limit, so it was given back; nobody is charged. "
                + "Raise --drain-timeout if jobs take longer than that."
        }
    }
}
