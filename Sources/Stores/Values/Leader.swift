package import Foundation
import Postgres

/// Who leads, as people may see it: without the session, which is a secret.
package struct Leader: Hashable, Sendable {
    package let name: LeaderName
    package let term: Int
    package let host: String
    package let startedAt: Date
    /// False when it resigned or fell silent and nobody has taken over yet.
    package let isLeading: Bool

    init(_ row: Row) throws(PostgresError) {
        name = try row.decode("name")
        term = try row.decode("term")
        host = try row.decode("host")
        startedAt = try row.decode("started_at")
        isLeading = try row.decode("is_leading")
    }
}
