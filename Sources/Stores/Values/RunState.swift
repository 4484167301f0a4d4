import Postgres

/// Whether a run goes on; pausing is a flag beside it.
package enum RunState: String, CaseIterable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    case active
    /// An operator must act; `RunHead.reason` says why.
    case blocked
    /// The version that applies its last step is published.
    case finished
    case cancelled

    /// Nothing more will be planned, claimed or published.
    package var isOver: Bool { self == .finished || self == .cancelled }
}
