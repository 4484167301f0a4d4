package import Foundation
import Postgres

/// A row of the queue, for people; workers see `ClaimedJob`.
package struct Job: Hashable, Sendable {
    package let id: JobID
    package let run: RunID
    package let kind: JobKind
    package let arguments: JobArguments
    package let state: JobState
    /// How often it was claimed.
    package let attempt: Int
    /// The worker that holds it or did it, by the number that people see.
    package let workerAlias: Int64?
    package let availableAt: Date
    package let claimedAt: Date?
    package let deadlineAt: Date?
    package let finishedAt: Date?
    package let errors: Int
    package let rescues: Int
    /// Results that the aggregator refused.
    package let rejections: Int
    package let lastError: String?

    init(_ row: Row) throws(PostgresError) {
        id = try row.decode("job_id")
        run = try row.decode("run_id")
        kind = try row.decode("kind")
        arguments = try JobArguments(row)
        state = try row.decode("state")
        attempt = try row.decode("attempt")
        workerAlias = try row.decode("alias")
        availableAt = try row.decode("available_at")
        claimedAt = try row.decode("claimed_at")
        deadlineAt = try row.decode("deadline_at")
        finishedAt = try row.decode("finished_at")
        errors = try row.decode("errors")
        rescues = try row.decode("rescues")
        rejections = try row.decode("rejections")
        lastError = try row.decode("last_error")
    }
}
