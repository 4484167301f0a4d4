/// What the matrix found out about one row.
struct FaultOutcome: Sendable {
    let name: String
    let fault: String
    /// How it was seen that the fault struck; nil when it did not.
    var evidence: String?
    /// From the strike to what recovery means for the row.
    var secondsToRecovery: Double?
    /// Of those seconds, where there is one.
    var recoveryLimit: Double?
    var stepsFinished = 0
    let stepsPlanned: Int
    var versionsRewound = 0
    /// What `verify` and the row itself complain about.
    var complaints: [String] = []
    /// Whether the chain of digests ends as the undisturbed run's does.
    var isDigestEqual = false
    var seconds = 0.0

    var isPassed: Bool {
        evidence != nil && isInTime && stepsFinished == stepsPlanned && complaints.isEmpty && isDigestEqual
    }

    private var isInTime: Bool { secondsToRecovery.map { $0 <= recoveryLimit ?? .infinity } ?? false }
}
