import Postgres

/// What the coordinator does for jobs whose workers cannot.
extension JobStore {
    /// What one page of rescue found.
    package struct Rescue: Hashable, Sendable {
        /// Jobs taken from their workers.
        package let count: Int
        /// Those among them that reached the limit and block their runs.
        package let deadCount: Int
        /// The server started, or a crash was repaired, so recently that nobody was judged; or one is not repaired yet.
        package let isSettling: Bool

        package init(count: Int, deadCount: Int = 0, isSettling: Bool = false) {
            (self.count, self.deadCount, self.isSettling) = (count, deadCount, isSettling)
        }
    }

    /// Takes back one page of jobs past their deadline, or held by sessions that are silent, closed or unknown.
    ///
    /// Repeat while `count` equals the limit.
    package func rescue(limit: Int = 500, under term: Term) async throws -> Rescue {
        try await database.transaction(retry: .idempotent) { transaction in
            try term.hold(in: transaction)
            // When a single backend crashes, UNLOGGED tables are emptied while the postmaster's start stays the same.
            let settling: Bool = try transaction.one(
                """
                SELECT i.installed_at IS NULL OR clock_timestamp()
                    < greatest(pg_postmaster_start_time(), i.installed_at) + make_interval(secs => s.settling_s) AS settling
                FROM stillhouse.setting s LEFT JOIN stillhouse.sentinel i ON true
                """
            ).decode("settling")
            if settling { return Rescue(count: 0, isSettling: true) }

            // Heads before jobs, as everywhere: these may have to be blocked below.
            try transaction.execute(
                """
                SELECT FROM stillhouse.run_head h, stillhouse.setting s
                WHERE h.state = 'active' AND EXISTS (
                    SELECT FROM stillhouse.job j
                    WHERE j.run_id = h.run_id AND j.state = 'running' AND j.rescues + 1 >= s.rescue_limit
                )
                ORDER BY h.run_id FOR UPDATE OF h
                """
            )
            let rescue = try Self.takeBack(limit: limit, in: transaction)
            if rescue.count > 0 { try Self.wake(runs: rescue.runs, in: transaction) }
            return Rescue(count: rescue.count, deadCount: rescue.deadCount)
        }
    }

    /// Sets how long a job of each kind may take to four times the 95th percentile of the run's last 200 of that kind,
    /// within the bounds.
    package func tuneDeadline(of run: RunID, under term: Term) async throws {
        try await database.transaction(retry: .idempotent) { transaction in
            try term.hold(in: transaction)
            for (kind, column) in [(JobKind.gradient, "job_deadline_s"), (.embed, "embed_deadline_s")] {
                try Self.tune(column, by: kind, of: run, in: transaction)
            }
        }
    }

    private static func tune(
        _ column: String,
        by kind: JobKind,
        of run: RunID,
        in transaction: borrowing Transaction
    ) throws(PostgresError) {
        // Fewer than twenty say too little. The index on (run_id, step, kind, ordinal) finds the newest without a sort; a
        // step has at least one job of a kind, or none has, so no more steps than these need be looked at.
        try transaction.execute(
            """
            UPDATE stillhouse.run_head h
            SET \(unescaped: column) = greatest(s.deadline_minimum_s, least(s.deadline_maximum_s, 4 * recent.p95))
            FROM stillhouse.setting s, (
                SELECT count(*) AS n, percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
                FROM (
                    SELECT extract(epoch FROM j.finished_at - j.claimed_at)::double precision AS seconds
                    FROM stillhouse.job j, (SELECT number FROM stillhouse.run_head WHERE run_id = \(run)) head
                    WHERE j.run_id = \(run) AND j.kind = \(kind) AND j.state IN ('submitted', 'applied')
                        AND j.step <= head.number AND j.step > head.number - 201
                    ORDER BY j.step DESC, j.ordinal DESC LIMIT 200
                ) times
            ) recent
            WHERE h.run_id = \(run) AND recent.n >= 20
            """
        )
    }

    private static func takeBack(
        limit: Int,
        in transaction: borrowing Transaction
    ) throws -> (count: Int, deadCount: Int, runs: [Int64]) {
        let row = try transaction.one(
            """
            WITH gone AS MATERIALIZED (
                SELECT j.job_id, j.deadline_at < clock_timestamp() AS is_late
                FROM stillhouse.setting s CROSS JOIN stillhouse.job j
                LEFT JOIN stillhouse.worker_session w ON w.session = j.worker_session
                WHERE j.state = 'running' AND (
                    j.deadline_at < clock_timestamp() OR w.session IS NULL OR w.ended_at IS NOT NULL
                    OR w.last_seen < clock_timestamp() - make_interval(secs => s.session_ttl_s)
                )
                ORDER BY j.job_id LIMIT \(limit) FOR UPDATE OF j SKIP LOCKED
            ), freed AS (
                UPDATE stillhouse.job j SET
                    state = CASE WHEN j.rescues + 1 >= s.rescue_limit THEN 'dead' ELSE 'available' END
                        ::stillhouse.job_state,
                    rescues = j.rescues + 1, worker_session = NULL, deadline_at = NULL,
                    finished_at = CASE WHEN j.rescues + 1 >= s.rescue_limit THEN clock_timestamp() END,
                    last_error = CASE WHEN gone.is_late THEN 'deadline passed' ELSE 'worker lost' END
                FROM gone, stillhouse.setting s WHERE j.job_id = gone.job_id
                RETURNING j.run_id, j.job_id, j.attempt, j.kind, j.step, j.ordinal, j.state, j.last_error, gone.is_late
            ), closed AS (
                UPDATE stillhouse.job_attempt a
                SET outcome = CASE WHEN f.is_late THEN 'expired' ELSE 'lost' END::stillhouse.attempt_outcome,
                    ended_at = clock_timestamp()
                FROM freed f WHERE (a.job_id, a.attempt) = (f.job_id, f.attempt)
            ), blocked AS (
                UPDATE stillhouse.run_head h
                SET state = 'blocked', reason = format('job %s is dead: %s', f.job_id, f.last_error)
                FROM freed f
                WHERE h.run_id = f.run_id AND f.state = 'dead' AND f.kind <> 'evaluate' AND h.state = 'active'
            ), noted AS (
                INSERT INTO stillhouse.event (run_id, kind, detail)
                SELECT f.run_id, 'job_dead', jsonb_build_object('job_id', f.job_id, 'error', f.last_error)
                FROM freed f WHERE f.state = 'dead' AND f.kind <> 'evaluate'
                UNION ALL
                SELECT f.run_id, 'evaluation_dead', jsonb_build_object(
                    'job_id', f.job_id, 'number', f.step, 'ordinal', f.ordinal, 'error', f.last_error
                )
                FROM freed f WHERE f.state = 'dead' AND f.kind = 'evaluate'
            )
            SELECT count(*) AS rescued, count(*) FILTER (WHERE state = 'dead') AS dead,
                coalesce(array_agg(DISTINCT run_id), '{}') AS runs
            FROM freed
            """
        )
        return (try row.decode("rescued"), try row.decode("dead"), try row.decode("runs"))
    }

    private static func wake(runs: [Int64], in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute("SELECT pg_notify('stillhouse_' || run_id, 'jobs') FROM unnest(\(runs)) AS run_id")
    }
}
