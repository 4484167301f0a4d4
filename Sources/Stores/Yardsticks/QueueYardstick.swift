package import Postgres

/// A queue of empty jobs, and the same calls as a script for pgbench.
package struct QueueYardstick: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Adds jobs to a run whose head is version 0: the first are available, as many again stand before them as done.
    ///
    /// Only for a database that is the measurement's own: what makes jobs otherwise keeps steps and their jobs together.
    package func addJobs(_ count: Int, available: Int, to run: RunID) async throws(PostgresError) {
        try await database.execute(
            """
            INSERT INTO stillhouse.job (run_id, step, ordinal, epoch, first_index, n_samples, base_version_id, state)
            SELECT h.run_id, n / 1000, n % 1000, 0, n, 1, h.version_id,
                CASE WHEN n < \(count - available) THEN 'applied' ELSE 'available' END::stillhouse.job_state
            FROM stillhouse.run_head h, generate_series(0, \(count - 1)::integer) AS n
            WHERE h.run_id = \(run) ORDER BY n
            """
        )
        try await database.execute("ANALYZE stillhouse.job")
    }

    /// Claims `count` jobs and offers an empty gradient for each: what `JobStore.claim` and `GradientStore.offer` send,
    /// answered into pgbench's variables.
    package static func script(session: SessionID, count: Int) -> String {
        let filled = { (value: String) in "array_fill(\(value), ARRAY[\(count)])" }
        return """
            SELECT array_agg(job_id) AS jobs, array_agg(attempt) AS attempts \
            FROM stillhouse.job_claim_v3('\(session.rawValue)', \(count), '{gradient}') \\gset
            SELECT count(*) FROM stillhouse.gradient_offer_v1('\(session.rawValue)', \
            :jobs::bigint[], :attempts::integer[], \(filled("sha256('\\x00000000')")), \
            \(filled("'\\x00000000'::bytea")), \(filled("1::bigint")), \(filled("1::bigint")), \
            \(filled("0::double precision")), \(filled("'{}'::jsonb")), \(filled("0::double precision")));

            """
    }
}
