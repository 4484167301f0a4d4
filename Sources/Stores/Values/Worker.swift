package import Foundation
import Postgres

/// An open session as people see it: by its alias, without its secret.
package struct Worker: Sendable {
    package let alias: Int64
    package let run: RunID
    package let description: WorkerDescription
    package let state: SessionState
    package let startedAt: Date
    package let lastSeen: Date
    /// Silent for longer than a session lives; its jobs are being rescued.
    package let isLost: Bool
    /// Of the version that it works on.
    package let number: Int?
    package let heldJobCount: Int
    /// Results of it that the aggregator refused.
    package let rejectionCount: Int
    package let statistics: [String: Double]

    init(_ row: Row) throws(PostgresError) {
        alias = try row.decode("alias")
        run = try row.decode("run_id")
        description = WorkerDescription(
            host: try row.decode("host"),
            device: try row.decode("device"),
            build: try row.decode("build"),
            numericProfile: try row.decode("numeric_profile")
        )
        state = try row.decode("state")
        startedAt = try row.decode("started_at")
        lastSeen = try row.decode("last_seen")
        isLost = try row.decode("is_lost")
        number = try row.decode("number")
        heldJobCount = try row.decode("n_held")
        rejectionCount = try row.decode("n_rejected")
        statistics = try row.decode("stats", as: JSON<[String: Double]>.self).value
    }
}
