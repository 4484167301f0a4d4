import Postgres

/// The constants that every process takes from the database, so that all of them agree.
package struct Settings: Hashable, Sendable {
    package let beatInterval: Duration
    /// A session silent for this long has lost its jobs.
    package let sessionTimeToLive: Duration
    /// A worker that could not beat for this long claims nothing more.
    package let selfFence: Duration
    /// A job this long under a session that does not list it goes back.
    package let reconcileAfter: Duration
    package let rescueInterval: Duration
    /// Nobody is judged for this long after the server started.
    package let settling: Duration
    package let errorLimit: Int
    package let rescueLimit: Int
    package let rejectionLimit: Int
    /// Workers with nothing to do poll at `pollBusy`, slowing down to `pollIdle`.
    package let pollBusy: Duration
    package let pollIdle: Duration
    /// Steps that are planned ahead of the one that is open.
    package let planHorizon: Int
    package let versionsKept: Int
    package let draftLifetime: Duration
    /// How often a leader renews its lease, and about how often a standby looks whether it has run out.
    package let leaderRenewal: Duration
    /// A leader that could not renew for this long stops by itself.
    package let leaderStop: Duration
    /// A lease that was not renewed for this long is anyone's.
    package let leaderTimeToLive: Duration
    /// A checkpoint is due after so many versions, after so long, or when replay would take too long.
    package let checkpointVersions: Int
    package let checkpointInterval: Duration
    package let replayLimit: Duration
    /// How long an aggregator that still holds a lost head has to bring it back.
    package let restorePatience: Duration

    init(_ row: Row) throws(PostgresError) {
        beatInterval = .seconds(try row.decode("beat_interval_s", as: Double.self))
        sessionTimeToLive = .seconds(try row.decode("session_ttl_s", as: Double.self))
        selfFence = .seconds(try row.decode("self_fence_s", as: Double.self))
        reconcileAfter = .seconds(try row.decode("reconcile_after_s", as: Double.self))
        rescueInterval = .seconds(try row.decode("rescue_interval_s", as: Double.self))
        settling = .seconds(try row.decode("settling_s", as: Double.self))
        errorLimit = try row.decode("error_limit")
        rescueLimit = try row.decode("rescue_limit")
        rejectionLimit = try row.decode("rejection_limit")
        pollBusy = .seconds(try row.decode("poll_busy_s", as: Double.self))
        pollIdle = .seconds(try row.decode("poll_idle_s", as: Double.self))
        planHorizon = try row.decode("plan_horizon")
        versionsKept = try row.decode("versions_kept")
        draftLifetime = .seconds(try row.decode("draft_lifetime_s", as: Double.self))
        leaderRenewal = .seconds(try row.decode("leader_renewal_s", as: Double.self))
        leaderStop = .seconds(try row.decode("leader_stop_s", as: Double.self))
        leaderTimeToLive = .seconds(try row.decode("leader_ttl_s", as: Double.self))
        checkpointVersions = try row.decode("checkpoint_versions")
        checkpointInterval = .seconds(try row.decode("checkpoint_s", as: Double.self))
        replayLimit = .seconds(try row.decode("replay_limit_s", as: Double.self))
        restorePatience = .seconds(try row.decode("restore_patience_s", as: Double.self))
    }
}
