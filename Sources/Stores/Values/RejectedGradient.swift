package import Foundation
import Postgres

/// A refused result of a job, for people.
package struct RejectedGradient: Hashable, Sendable {
    package let attempt: Int
    /// Who submitted it, by the number that people see; nil when that session is forgotten.
    package let workerAlias: Int64?
    /// A word of ``GradientRejection/Reason``, and the facts.
    package let reason: String
    package let submittedAt: Date

    init(_ row: Row) throws(PostgresError) {
        attempt = try row.decode("attempt")
        workerAlias = try row.decode("alias")
        reason = try row.decode("reason")
        submittedAt = try row.decode("submitted_at")
    }
}
