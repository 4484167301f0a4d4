package import Foundation
import Postgres

/// All the control that a worker needs, with or without notifications.
package struct BeatReply: Hashable, Sendable {
    package let serverTime: Date
    package let headVersion: VersionID
    package let headNumber: Int
    package let runState: RunState
    package let isPaused: Bool
    /// Finish what is held, claim nothing, then leave.
    package let mustDrain: Bool
    /// Tokens that were in the beat and are no longer honoured: abandon these jobs.
    package let revoked: [FencingToken]
    package let minimumProtocol: Int

    init(_ row: Row, session: SessionID) throws(PostgresError) {
        serverTime = try row.decode("server_time")
        headVersion = try row.decode("head_version_id")
        headNumber = try row.decode("head_number")
        runState = try row.decode("run_state")
        isPaused = try row.decode("is_paused")
        mustDrain = try row.decode("must_drain")
        let jobs: [Int64] = try row.decode("revoked_jobs")
        let attempts: [Int32] = try row.decode("revoked_attempts")
        revoked = zip(jobs, attempts).map {
            FencingToken(job: JobID(rawValue: $0), attempt: Int($1), session: session)
        }
        minimumProtocol = try row.decode("minimum_protocol")
    }
}
