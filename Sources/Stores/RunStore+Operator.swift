import Postgres

/// What people may do to a run. Each answers whether it changed anything.
extension RunStore {
    /// No job is handed out until `resume`; what is running may finish, and complete steps are applied.
    @discardableResult
    package func pause(_ run: RunID) async throws -> Bool {
        try await steer(run, event: "run_paused") { transaction in
            try transaction.execute(
                """
                UPDATE stillhouse.run_head SET paused = true
                WHERE run_id = \(run) AND NOT paused AND state IN ('active', 'blocked')
                """
            )
        }
    }

    /// Ends a pause, and a block too unless it has dead jobs, which want `jobs retry` or `jobs cancel` first.
    @discardableResult
    package func resume(_ run: RunID) async throws -> Bool {
        try await steer(run, event: "run_resumed") { transaction in
            try transaction.execute(
                """
                UPDATE stillhouse.run_head h SET paused = false,
                    state = CASE WHEN dead.any_left THEN h.state ELSE 'active' END,
                    reason = CASE WHEN dead.any_left THEN h.reason END
                FROM (
                    SELECT EXISTS (
                        SELECT FROM stillhouse.job WHERE run_id = \(run) AND state = 'dead' AND kind <> 'evaluate'
                    ) AS any_left
                ) dead
                WHERE h.run_id = \(run) AND (h.paused OR h.state = 'blocked' AND NOT dead.any_left)
                    AND h.state IN ('active', 'blocked')
                """
            )
        }
    }

    /// Stops a run for good; its versions stay readable.
    @discardableResult
    package func cancel(_ run: RunID, reason: String) async throws -> Bool {
        try await steer(run, event: "run_cancelled", reason: reason) { transaction in
            let changed = try transaction.execute(
                """
                UPDATE stillhouse.run_head SET state = 'cancelled', reason = \(reason)
                WHERE run_id = \(run) AND state IN ('active', 'blocked')
                """
            )
            if changed == 1 { try Self.cancelJobs(of: run, reason: reason, in: transaction) }
            return changed
        }
    }

    /// Stops claims and publication until an operator has looked: the aggregator calls it when numbers make no sense.
    @discardableResult
    package func block(_ run: RunID, reason: String, under term: Term) async throws -> Bool {
        try await steer(run, event: "run_blocked", reason: reason, under: term) { transaction in
            try transaction.execute(
                """
                UPDATE stillhouse.run_head SET state = 'blocked', reason = \(reason)
                WHERE run_id = \(run) AND state = 'active'
                """
            )
        }
    }

    private static func cancelJobs(
        of run: RunID,
        reason: String,
        in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try transaction.execute(
            """
            WITH unfinished AS MATERIALIZED (
                SELECT job_id FROM stillhouse.job
                WHERE run_id = \(run) AND state IN ('planned', 'available', 'running', 'dead')
                ORDER BY job_id FOR UPDATE
            ), ended AS (
                UPDATE stillhouse.job j SET state = 'cancelled', last_error = \(reason), deadline_at = NULL,
                    finished_at = clock_timestamp()
                FROM unfinished u WHERE j.job_id = u.job_id
                RETURNING j.job_id, j.attempt
            )
            UPDATE stillhouse.job_attempt a SET outcome = 'cancelled', ended_at = clock_timestamp()
            FROM ended WHERE (a.job_id, a.attempt) = (ended.job_id, ended.attempt) AND a.ended_at IS NULL
            """
        )
    }

    /// Changes the head, which it thereby locks first; then notes it and wakes whoever listens.
    private func steer(
        _ run: RunID,
        event: String,
        reason: String? = nil,
        under term: Term? = nil,
        _ change: @Sendable (borrowing Transaction) throws -> Int
    ) async throws -> Bool {
        try await database.transaction { transaction in
            try term?.hold(in: transaction)
            guard try change(transaction) == 1 else { return false }
            try EventStore.record(event, of: run, detail: reason.map { ["reason": $0] } ?? [:], in: transaction)
            try transaction.execute("SELECT pg_notify(\(run.channel), 'control')")
            return true
        }
    }
}
