/// What a login may do: the group that it is a member of.
package enum LoginRole: String, CaseIterable, Sendable {
    /// Everything: coordinator, aggregator, operator.
    case owner
    /// The worker functions, and reading weights.
    case worker
    /// Reading all but gradients' payloads and session ids.
    case reader

    package var group: String { "stillhouse_" + rawValue }

    /// Enough for a few processes of the kind on one machine.
    package var connectionLimit: Int {
        switch self {
        case .owner: 32
        case .worker: 16
        case .reader: 8
        }
    }

    /// No call of a worker takes long; an aggregator's publication may.
    var statementTimeout: String {
        switch self {
        case .owner: "0"
        case .worker: "60s"
        case .reader: "5min"
        }
    }
}
