import Postgres

/// Where a job stands; the arrows between these are drawn in the documentation's "Job states".
package enum JobState: String, CaseIterable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    /// Its step, or its phase of that, is not open yet.
    case planned
    case available
    /// Held by one session at one attempt.
    case running
    /// Its gradient, or its artifact, is in the ledger.
    case submitted
    /// Its gradient is part of a published version; its artifact is what gradients are computed among.
    case applied
    /// Failed or was rescued too often; blocks its run until an operator retries or cancels it.
    case dead
    case cancelled
}
