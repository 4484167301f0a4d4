package import Postgres

/// The queue as people see it.
extension JobStore {
    /// Without the session, which only the owner may read: it is the key to the job.
    private static let selection = """
        SELECT j.job_id, j.run_id, j.kind, j.step, j.ordinal, j.epoch, j.first_index, j.n_samples, j.state, j.attempt, w.alias,
            j.available_at, j.claimed_at, j.deadline_at, j.finished_at, j.errors, j.rescues, j.rejections,
            j.last_error
        FROM stillhouse.job j LEFT JOIN stillhouse.job_worker w USING (job_id)
        """

    /// - Parameters:
    ///   - kind: nil for all of them.
    ///   - state: nil for all of them.
    package func list(
        of run: RunID,
        _ kind: JobKind? = nil,
        in state: JobState? = nil,
        limit: Int = 100
    ) async throws(PostgresError) -> [Job] {
        try await database.query(
            """
            \(unescaped: Self.selection)
            WHERE j.run_id = \(run) AND (\(state)::stillhouse.job_state IS NULL OR j.state = \(state))
                AND (\(kind)::stillhouse.job_kind IS NULL OR j.kind = \(kind))
            ORDER BY j.job_id LIMIT \(limit)
            """
        ).map { row throws(PostgresError) in try Job(row) }
    }

    package func job(_ id: JobID) async throws(PostgresError) -> Job? {
        let rows = try await database.query(
            """
            \(unescaped: Self.selection)
            WHERE j.job_id = \(id)
            """
        )
        guard let row = rows.first else { return nil }
        return try Job(row)
    }

    /// How many jobs of a run are in each state; states without any are absent.
    package func counts(of run: RunID) async throws(PostgresError) -> [JobState: Int] {
        var counts: [JobState: Int] = [:]
        for row in try await database.query(
            "SELECT state, count(*) AS n FROM stillhouse.job WHERE run_id = \(run) GROUP BY state"
        ) {
            counts[try row.decode("state")] = try row.decode("n", as: Int.self)
        }
        return counts
    }

    /// Makes a dead job available with its charges forgotten; the run goes on when it was the last dead one. An evaluation
    /// can be tried again as long as its version is stored, also in a finished run, which is active until it is done.
    /// - Returns: false when the job is not dead, its run is over, or the version to evaluate is gone.
    @discardableResult
    package func retry(_ job: JobID) async throws -> Bool {
        try await steer(job, event: "job_retried") { transaction in
            try transaction.execute(
                """
                UPDATE stillhouse.job SET state = 'available', errors = 0, rescues = 0, rejections = 0,
                    nonfinites = 0, finished_at = NULL, available_at = clock_timestamp()
                WHERE job_id = \(job) AND state = 'dead' AND (kind <> 'evaluate' OR EXISTS (
                    SELECT FROM stillhouse.version v
                    WHERE v.version_id = job.base_version_id AND v.state = 'published'
                ))
                """
            )
        }
    }

    /// Takes an unfinished job out of its step for good; the step then closes without it. An embed job takes the gradient
    /// job of its positions with it, which has nothing to start from; a gradient job leaves its embeddings to the others.
    /// - Returns: false when the job has a gradient in the ledger, is cancelled already, or its run is over.
    @discardableResult
    package func cancel(_ job: JobID, reason: String) async throws -> Bool {
        try await steer(job, event: "job_cancelled", reason: reason) { transaction in
            let changed = try transaction.execute(
                """
                UPDATE stillhouse.job SET state = 'cancelled', last_error = \(reason), deadline_at = NULL,
                    finished_at = clock_timestamp()
                WHERE job_id = \(job) AND state IN ('planned', 'available', 'running', 'dead')
                """
            )
            try transaction.execute(
                """
                UPDATE stillhouse.job g SET state = 'cancelled', last_error = \("its embed job \(job) is cancelled"),
                    finished_at = clock_timestamp()
                FROM stillhouse.job e
                WHERE e.job_id = \(job) AND e.kind = 'embed' AND e.state = 'cancelled' AND g.kind = 'gradient'
                    AND (g.run_id, g.step, g.ordinal) = (e.run_id, e.step, e.ordinal) AND g.state = 'planned'
                """
            )
            try transaction.execute(
                """
                UPDATE stillhouse.job_attempt a SET outcome = 'cancelled', ended_at = clock_timestamp()
                FROM stillhouse.job j
                WHERE j.job_id = \(job) AND j.state = 'cancelled'
                    AND (a.job_id, a.attempt) = (j.job_id, j.attempt) AND a.ended_at IS NULL
                """
            )
            return changed
        }
    }

    /// Locks the head before the job, changes the job, and lets the run go on if nothing dead is left in it.
    private func steer(
        _ job: JobID,
        event: String,
        reason: String? = nil,
        _ change: @Sendable (borrowing Transaction) throws -> Int
    ) async throws -> Bool {
        try await database.transaction { transaction in
            let heads = try transaction.query(
                """
                SELECT h.* FROM stillhouse.run_head h JOIN stillhouse.job j USING (run_id)
                WHERE j.job_id = \(job) AND (
                    h.state IN ('active', 'blocked') OR h.state = 'finished' AND j.kind = 'evaluate'
                )
                FOR UPDATE OF h
                """
            )
            guard let row = heads.first, try change(transaction) == 1 else { return false }
            let run = try RunHead(row).run
            try transaction.execute(
                """
                UPDATE stillhouse.run_head SET state = 'active', reason = NULL
                WHERE run_id = \(run) AND state = 'blocked' AND reason LIKE 'job % is dead: %'
                    AND NOT EXISTS (
                        SELECT FROM stillhouse.job WHERE run_id = \(run) AND state = 'dead' AND kind <> 'evaluate'
                    )
                """
            )
            try transaction.execute(
                """
                UPDATE stillhouse.run_head SET state = 'active'
                WHERE run_id = \(run) AND state = 'finished' AND EXISTS (
                    SELECT FROM stillhouse.job e
                    WHERE e.run_id = \(run) AND e.kind = 'evaluate' AND e.state IN ('planned', 'available', 'running')
                )
                """
            )
            var detail = ["job_id": job.description]
            if let reason { detail["reason"] = reason }
            try EventStore.record(event, of: run, detail: detail, in: transaction)
            try transaction.execute("SELECT pg_notify(\(run.channel), 'jobs')")
            return true
        }
    }
}
