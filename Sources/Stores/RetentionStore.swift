import Foundation
package import Postgres

/// Deletes what nobody can need any more; the ledger itself stays. Each call is safe at any time, beside anything.
///
/// The coordinator calls them under its term; an operator's command leads nothing and passes nil.
package struct RetentionStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Retires published versions but version 0, the newest `Settings.versionsKept`, the newest two durable ones and those
    /// that are still to be evaluated, and abandons drafts that are too old. Their chunks become free unless another version names them.
    ///
    /// Two durable ones, so that one stays when the newest turns out to be bad. Older ones that are kept for readers give
    /// up their moments, which are two thirds of them, and with these their durability.
    /// - Returns: how many versions were closed.
    @discardableResult
    package func closeVersions(under term: Term?) async throws -> Int {
        try await database.transaction(retry: .idempotent) { transaction in
            try term?.hold(in: transaction)
            // A rewind must not choose a version that is being retired here.
            try transaction.execute("SELECT FROM stillhouse.run_head ORDER BY run_id FOR SHARE")
            return try transaction.one(
                """
                WITH candidate AS MATERIALIZED (
                    -- Newer ones are counted as they were; a version that is made durable meanwhile has none and stays.
                    SELECT v.version_id, v.number > h.number - s.versions_kept AS is_recent, (
                        SELECT count(*) FROM stillhouse.version d
                        WHERE d.run_id = v.run_id AND d.durable AND d.state = 'published' AND d.number > v.number
                    ) >= 2 AS is_surpassed
                    FROM stillhouse.version v JOIN stillhouse.run_head h USING (run_id), stillhouse.setting s
                    WHERE v.state = 'published' AND v.number > 0
                ), closed AS (
                    UPDATE stillhouse.version v SET state = 'retired', durable = false
                    FROM candidate c
                    WHERE v.version_id = c.version_id AND v.state = 'published' AND NOT c.is_recent
                        AND (c.is_surpassed OR NOT v.durable)
                        AND NOT EXISTS (
                            SELECT FROM stillhouse.job e
                            WHERE e.run_id = v.run_id AND e.base_version_id = v.version_id
                                AND e.kind = 'evaluate' AND e.state IN ('available', 'running')
                        )
                    RETURNING v.version_id
                ), abandoned AS (
                    UPDATE stillhouse.version v SET state = 'abandoned', durable = false
                    FROM stillhouse.setting s
                    WHERE v.state = 'draft'
                        AND v.created_at < clock_timestamp() - make_interval(secs => s.draft_lifetime_s)
                    RETURNING v.version_id
                ), lightened AS (
                    UPDATE stillhouse.version v SET durable = false
                    FROM candidate c
                    WHERE v.version_id = c.version_id AND v.durable AND c.is_recent AND c.is_surpassed
                    RETURNING v.version_id
                ), unlisted AS (
                    DELETE FROM stillhouse.version_chunk c
                    USING (TABLE closed UNION ALL TABLE abandoned) gone WHERE c.version_id = gone.version_id
                ), unlisted_moments AS (
                    DELETE FROM stillhouse.version_chunk c
                    USING lightened l WHERE c.version_id = l.version_id AND c.role = ANY (\(Self.moments))
                )
                SELECT (SELECT count(*) FROM closed) + (SELECT count(*) FROM abandoned) AS closed
                """
            ).decode("closed")
        }
    }

    private static let moments = [ChunkRole.moment1.rawValue, ChunkRole.moment2.rawValue]

    /// Deletes one page from each table of chunks that no version names: those that nobody has touched for `chunk_grace_s`,
    /// those beyond a surplus, oldest first, and unlogged ones that are also stored as logged.
    ///
    /// Without the surplus a small model that steps every second would keep ten minutes of its past, a hundred times its
    /// size. A chunk that is stored again meanwhile is touched, no longer the one that was looked at, and stays.
    /// - Parameter surplus: how many unnamed chunks stay for readers within their grace; at least twice as many as are
    ///   named, so that what an aggregator has just stored, but not named yet, is never among the oldest.
    @discardableResult
    package func deleteChunks(
        limit: Int = 500,
        surplus: Int = Self.chunkSurplus,
        under term: Term?
    ) async throws -> Int {
        try await database.transaction { transaction in
            try term?.hold(in: transaction)
            return try ChunkStorage.allCases.reduce(0) {
                try $0 + Self.deleteChunks($1, limit: limit, surplus: surplus, in: transaction)
            }
        }
    }

    /// Two gigabytes of chunks of the usual size.
    package static let chunkSurplus = 2048

    private static func deleteChunks(
        _ storage: ChunkStorage,
        limit: Int,
        surplus: Int,
        in transaction: borrowing Transaction
    ) throws(PostgresError) -> Int {
        try transaction.execute(
            """
            WITH spare AS MATERIALIZED (
                SELECT u.digest, u.touched_at, row_number() OVER (ORDER BY u.touched_at DESC, u.digest) AS place
                FROM \(unescaped: storage.weights) u
                WHERE NOT EXISTS (SELECT FROM stillhouse.version_chunk c WHERE c.digest = u.digest)
            ), doomed AS MATERIALIZED (
                SELECT p.digest, p.touched_at FROM spare p, stillhouse.setting t
                WHERE p.touched_at < clock_timestamp() - make_interval(secs => t.chunk_grace_s)
                    OR p.place > greatest(\(surplus), 2 * (SELECT count(*) FROM stillhouse.version_chunk))
                UNION ALL
                SELECT u.digest, u.touched_at FROM \(unescaped: storage.weights) u, stillhouse.setting t
                WHERE \(storage == .unlogged)::boolean
                    AND u.touched_at < clock_timestamp() - make_interval(secs => t.chunk_grace_s)
                    AND EXISTS (SELECT FROM stillhouse.version_chunk c WHERE c.digest = u.digest)
                    AND EXISTS (SELECT FROM stillhouse.weights_chunk l WHERE l.digest = u.digest)
                LIMIT \(limit)
            )
            DELETE FROM \(unescaped: storage.weights) w USING doomed d
            WHERE w.digest = d.digest AND w.touched_at = d.touched_at
            """
        )
    }

    /// Deletes attempts, sessions and events that ended `history_days` ago.
    /// - Returns: how many rows are gone.
    @discardableResult
    package func deleteHistory(under term: Term?) async throws -> Int {
        try await database.transaction(retry: .idempotent) { transaction in
            try term?.hold(in: transaction)
            let limit: Date = try transaction.one(
                "SELECT clock_timestamp() - make_interval(days => history_days) AS limit FROM stillhouse.setting"
            ).decode("limit")
            return try transaction.execute("DELETE FROM stillhouse.job_attempt WHERE ended_at < \(limit)")
                + transaction.execute(
                    "DELETE FROM stillhouse.event WHERE at < \(limit) AND kind <> \(RunOrigin.eventKind)"
                )
                // A session that merely fell silent has no end; its jobs were rescued long ago.
                + transaction.execute("DELETE FROM stillhouse.worker_session WHERE last_seen < \(limit)")
        }
    }

    /// Deletes one page of the targets that were used longest ago, as long as all of them together take more than
    /// `target_cache_bytes`.
    @discardableResult
    package func deleteTargets(limit: Int = 1000, under term: Term?) async throws -> Int {
        try await database.transaction(retry: .idempotent) { transaction in
            try term?.hold(in: transaction)
            // Counting reads an index of all targets; while the table itself is small enough there is no need.
            let isLarge: Bool = try transaction.one(
                """
                SELECT pg_total_relation_size('stillhouse.target') > target_cache_bytes AS is_large FROM stillhouse.setting
                """
            ).decode("is_large")
            guard isLarge else { return 0 }
            return try transaction.execute(
                """
                WITH excess AS MATERIALIZED (
                    SELECT sum(t.bytes) - (SELECT s.target_cache_bytes FROM stillhouse.setting s) AS bytes
                    FROM stillhouse.target t
                ), oldest AS MATERIALIZED (
                    SELECT t.key, t.bytes, sum(t.bytes) OVER (ORDER BY t.used_at, t.key) AS freed
                    FROM stillhouse.target t ORDER BY t.used_at, t.key LIMIT \(limit)
                )
                DELETE FROM stillhouse.target t USING oldest o, excess e
                WHERE t.key = o.key AND o.freed - o.bytes < e.bytes
                """
            )
        }
    }

    /// Deletes the payloads of some attempts, from each table, that nobody will read: whose job neither runs at that
    /// attempt nor waits to be applied, nor was applied after the newest durable version. These last are what the versions
    /// since then can be computed from again.
    /// - Returns: how many parts are gone.
    @discardableResult
    package func deleteGradientParts(ofAttempts limit: Int = 8, under term: Term?) async throws -> Int {
        try await database.transaction { transaction in
            try term?.hold(in: transaction)
            return try ChunkStorage.allCases.reduce(0) {
                try $0 + Self.deleteParts($1, ofAttempts: limit, in: transaction)
            }
        }
    }

    /// Deletes the parts of some artifacts that no gradient will be computed among: whose step is applied, or whose job
    /// has gone back. Their manifests stay, as do those of gradients.
    /// - Returns: how many parts are gone.
    @discardableResult
    package func deleteArtifactParts(ofAttempts limit: Int = 256, under term: Term?) async throws -> Int {
        try await database.transaction { transaction in
            try term?.hold(in: transaction)
            return try transaction.execute(
                """
                WITH spent AS MATERIALIZED (
                    SELECT c.job_id, c.attempt FROM stillhouse.artifact_chunk c
                    WHERE NOT EXISTS (
                        SELECT FROM stillhouse.step_artifact a
                        JOIN stillhouse.step s USING (run_id, step) JOIN stillhouse.run_head h USING (run_id)
                        WHERE (a.job_id, a.attempt) = (c.job_id, c.attempt) AND s.state <> 'applied'
                            AND h.state <> 'cancelled'
                    )
                    GROUP BY c.job_id, c.attempt LIMIT \(limit)
                )
                DELETE FROM stillhouse.artifact_chunk c USING spent
                WHERE (c.job_id, c.attempt) = (spent.job_id, spent.attempt)
                """
            )
        }
    }

    private static func deleteParts(
        _ storage: ChunkStorage,
        ofAttempts limit: Int,
        in transaction: borrowing Transaction
    ) throws(PostgresError) -> Int {
        // From attempt to attempt along the primary key: parts are many, and those of redo stay for long.
        try transaction.execute(
            """
            WITH RECURSIVE stored AS (
                (SELECT job_id, attempt FROM \(unescaped: storage.gradients) ORDER BY job_id, attempt LIMIT 1)
                UNION ALL
                SELECT next.job_id, next.attempt FROM stored s CROSS JOIN LATERAL (
                    SELECT c.job_id, c.attempt FROM \(unescaped: storage.gradients) c
                    WHERE (c.job_id, c.attempt) > (s.job_id, s.attempt) ORDER BY c.job_id, c.attempt LIMIT 1
                ) next
            ), spent AS MATERIALIZED (
                SELECT d.job_id, d.attempt FROM stored d
                WHERE NOT EXISTS (
                    SELECT FROM stillhouse.job j JOIN stillhouse.run_head h USING (run_id)
                    WHERE (j.job_id, j.attempt) = (d.job_id, d.attempt) AND h.state <> 'cancelled' AND (
                        j.state IN ('running', 'submitted')
                        OR j.state = 'applied' AND j.step >= (
                            SELECT coalesce(max(v.number), 0) FROM stillhouse.version v
                            WHERE v.run_id = j.run_id AND v.durable AND v.state = 'published'
                        )
                    )
                )
                LIMIT \(limit)
            )
            DELETE FROM \(unescaped: storage.gradients) c USING spent
            WHERE (c.job_id, c.attempt) = (spent.job_id, spent.attempt)
            """
        )
    }
}
