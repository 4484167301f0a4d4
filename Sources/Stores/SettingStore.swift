package import Postgres

/// The database's own constants; changed by an operator with SQL, read by every process.
package struct SettingStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    package func read() async throws -> Settings {
        let rows = try await database.query("SELECT * FROM stillhouse.setting", retry: .idempotent)
        guard let row = rows.first else {
            throw StoreError.settingsMissing
        }
        return try Settings(row)
    }

    /// Multiplies every time constant, which keeps their proportions: drills and tests run the same protocol faster.
    package func scaleTimes(by factor: Double) async throws(PostgresError) {
        try await database.execute(
            """
            UPDATE stillhouse.setting SET
                beat_interval_s = beat_interval_s * f, session_ttl_s = session_ttl_s * f,
                self_fence_s = self_fence_s * f, reconcile_after_s = reconcile_after_s * f,
                rescue_interval_s = rescue_interval_s * f, settling_s = settling_s * f,
                deadline_initial_s = deadline_initial_s * f, deadline_minimum_s = deadline_minimum_s * f,
                deadline_maximum_s = deadline_maximum_s * f,
                backoff_s = backoff_s * f, backoff_maximum_s = backoff_maximum_s * f,
                poll_busy_s = poll_busy_s * f, poll_idle_s = poll_idle_s * f,
                draft_lifetime_s = draft_lifetime_s * f, chunk_grace_s = chunk_grace_s * f,
                leader_renewal_s = leader_renewal_s * f, leader_stop_s = leader_stop_s * f,
                leader_ttl_s = leader_ttl_s * f,
                checkpoint_s = checkpoint_s * f, replay_limit_s = replay_limit_s * f,
                restore_patience_s = restore_patience_s * f
            FROM (SELECT \(factor)::double precision) AS factor (f)
            """
        )
    }
}
