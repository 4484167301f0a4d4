package import Foundation
import Postgres

/// Where a run stands: its newest version, and whether work is handed out.
package struct RunHead: Hashable, Sendable {
    package let run: RunID
    package let state: RunState
    /// Why it is blocked or cancelled.
    package let reason: String?
    package let isPaused: Bool
    package let version: VersionID
    /// Steps applied so far, and also the index of the step that is open or opens next.
    package let number: Int
    /// Applied since the start; what schedules advance by.
    package let samplesTotal: Int
    /// Since when its chunks are missing after a crash of the database; nothing is claimed or published meanwhile.
    package let restoringSince: Date?

    init(_ row: Row) throws(PostgresError) {
        run = try row.decode("run_id")
        state = try row.decode("state")
        reason = try row.decode("reason")
        isPaused = try row.decode("paused")
        version = try row.decode("version_id")
        number = try row.decode("number")
        samplesTotal = try row.decode("samples_total")
        restoringSince = try row.decode("restoring_since")
    }
}
