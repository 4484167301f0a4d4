import Postgres

/// Whether a worker may claim.
package enum SessionState: String, CaseIterable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    case active
    /// Finishes what it holds, claims nothing.
    case draining
    case closed
}
