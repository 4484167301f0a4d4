import Foundation
package import Postgres

/// Deletes what nobody can need any more; the ledger itself stays. Each call is safe at any time, beside anything.
///
/// The coordinator calls them under its term; an operator's command leads nothing and passes nil.
package struct RetentionStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Retires published versions but version 0 and the newest `Settings.versionsKept`, and abandons drafts that are
    /// too old. Their chunks become free unless another version names them.
    /// - Returns: how many versions were closed.
    @discardableResult
    package func closeVersions(under term: Term?) async throws -> Int {
        try await database.transaction(retry: .idempotent) { transaction in
            try term?.hold(in: transaction)
            return try transaction.one(
                """
                WITH closed AS (
                    UPDATE stillhouse.version v
                    SET state = CASE v.state WHEN 'draft' THEN 'abandoned' ELSE 'retired' END::stillhouse.version_state
                    FROM stillhouse.run_head h, stillhouse.setting s
                    WHERE h.run_id = v.run_id AND (
                        v.state = 'published' AND v.number > 0 AND v.number <= h.number - s.versions_kept
                        OR v.state = 'draft'
                            AND v.created_at < clock_timestamp() - make_interval(secs => s.draft_lifetime_s)
                    )
                    RETURNING v.version_id
                ), unlisted AS (
                    DELETE FROM stillhouse.version_chunk c USING closed WHERE c.version_id = closed.version_id
                )
                SELECT count(*) AS closed FROM closed
                """
            ).decode("closed")
        }
    }

    /// Deletes one page of chunks that no version names and nobody has touched for `chunk_grace_s`.
    ///
    /// Unnamed, untouched and deleted is one statement: a chunk that is stored again meanwhile is touched, and stays.
    @discardableResult
    package func deleteChunks(limit: Int = 100, under term: Term?) async throws -> Int {
        try await database.transaction { transaction in
            try term?.hold(in: transaction)
            return try transaction.execute(
                """
                DELETE FROM stillhouse.weights_chunk w USING stillhouse.setting s
                WHERE w.digest IN (
                    SELECT u.digest FROM stillhouse.weights_chunk u, stillhouse.setting t
                    WHERE u.touched_at < clock_timestamp() - make_interval(secs => t.chunk_grace_s)
                        AND NOT EXISTS (SELECT FROM stillhouse.version_chunk c WHERE c.digest = u.digest)
                    LIMIT \(limit)
                ) AND w.touched_at < clock_timestamp() - make_interval(secs => s.chunk_grace_s)
                """
            )
        }
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
                + transaction.execute("DELETE FROM stillhouse.event WHERE at < \(limit)")
                // A session that merely fell silent has no end; its jobs were rescued long ago.
                + transaction.execute("DELETE FROM stillhouse.worker_session WHERE last_seen < \(limit)")
        }
    }

    /// Deletes the payloads of some attempts whose job neither runs at that attempt nor waits to be applied.
    /// - Returns: how many parts are gone.
    @discardableResult
    package func deleteGradientParts(ofAttempts limit: Int = 8, under term: Term?) async throws -> Int {
        try await database.transaction { transaction in
            try term?.hold(in: transaction)
            return try transaction.execute(
                """
                WITH spent AS MATERIALIZED (
                    SELECT d.job_id, d.attempt
                    FROM (SELECT DISTINCT job_id, attempt FROM stillhouse.gradient_chunk) d
                    WHERE NOT EXISTS (
                        SELECT FROM stillhouse.job j JOIN stillhouse.run_head h USING (run_id)
                        WHERE (j.job_id, j.attempt) = (d.job_id, d.attempt) AND j.state IN ('running', 'submitted')
                            AND h.state <> 'cancelled'
                    )
                    ORDER BY d.job_id, d.attempt LIMIT \(limit)
                )
                DELETE FROM stillhouse.gradient_chunk c USING spent
                WHERE (c.job_id, c.attempt) = (spent.job_id, spent.attempt)
                """
            )
        }
    }
}
