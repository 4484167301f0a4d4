import Postgres

/// What a job comes to.
package enum JobKind: String, CaseIterable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    /// A gradient sum.
    case gradient
    /// An artifact: what the samples of its positions must be known by before any of their step has a gradient.
    case embed
    /// Metrics of one version.
    case evaluate
}
