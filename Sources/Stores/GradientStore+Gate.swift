package import Postgres

/// What the acceptance gate reads and writes.
extension GradientStore {
    /// What became of a refused gradient's job.
    package enum RejectionAnswer: Sendable {
        /// Available again; another session gets it first if there is one.
        case retried
        /// Its last result that could be refused: the run is blocked until an operator retries or cancels the job.
        case dead
        /// The gradient was not waiting any more; nothing was changed.
        case gone
    }

    /// Norms of mean gradients applied in versions up to the head, in order of version and ordinal: the newest `limit`.
    ///
    /// What is submitted for the open step is no part of it, so a verdict cannot depend on the order of arrival. Jobs
    /// without units have no norm to speak of.
    package func appliedNorms(of run: RunID, limit: Int = 200) async throws(PostgresError) -> [Double] {
        try await database.query(
            """
            SELECT g.norm FROM stillhouse.run_head h
            JOIN stillhouse.version v USING (run_id)
            JOIN stillhouse.version_member m ON m.version_id = v.version_id
            JOIN stillhouse.gradient g ON (g.job_id, g.attempt) = (m.job_id, m.attempt)
            WHERE h.run_id = \(run) AND v.number <= h.number AND v.state IN ('published', 'retired')
                AND g.state = 'applied' AND g.units > 0
            ORDER BY v.number DESC, m.ordinal DESC LIMIT \(limit)
            """
        ).reversed().map { row throws(PostgresError) in try row.decode("norm") }
    }

    /// Digests of the job's results that were refused for their norm.
    package func outlyingDigests(of job: JobID) async throws(PostgresError) -> Set<[UInt8]> {
        let reason = GradientRejection.Reason.norm.rawValue + ":%"
        let rows = try await database.query(
            """
            SELECT digest FROM stillhouse.gradient
            WHERE job_id = \(job) AND state = 'rejected' AND reason LIKE \(reason)
            """
        )
        return Set(try rows.map { row throws(PostgresError) in try row.decode("digest", as: [UInt8].self) })
    }

    /// Refuses a submitted gradient and gives its job to another attempt, or declares it dead at the limit, which blocks
    /// the run. One transaction: the ledger always tells why a job runs again.
    package func reject(
        _ gradient: GradientManifest,
        _ rejection: GradientRejection,
        under term: Term
    ) async throws -> RejectionAnswer {
        let reason = "\(rejection.reason.rawValue): \(rejection.detail)"
        return try await database.transaction { transaction in
            try term.hold(in: transaction)
            // Locks in the order run_head, job, gradient, as everywhere.
            let heads = try transaction.query(
                """
                SELECT h.run_id FROM stillhouse.run_head h JOIN stillhouse.job j USING (run_id)
                WHERE j.job_id = \(gradient.job) FOR UPDATE OF h
                """
            )
            guard let run = try heads.first?.decode("run_id", as: RunID.self) else { return .gone }
            let jobs = try transaction.query(
                """
                UPDATE stillhouse.job j SET
                    state = CASE WHEN j.rejections + 1 >= s.rejection_limit THEN 'dead' ELSE 'available' END
                        ::stillhouse.job_state,
                    rejections = j.rejections + 1, worker_session = NULL, last_error = \("rejected, \(reason)"),
                    available_at = clock_timestamp(),
                    finished_at = CASE WHEN j.rejections + 1 >= s.rejection_limit THEN clock_timestamp() END
                FROM stillhouse.setting s
                WHERE j.job_id = \(gradient.job) AND j.attempt = \(gradient.attempt) AND j.state = 'submitted'
                RETURNING j.state
                """
            )
            guard let state = try jobs.first?.decode("state", as: JobState.self) else { return .gone }
            try transaction.execute(
                """
                UPDATE stillhouse.gradient SET state = 'rejected', reason = \(reason)
                WHERE job_id = \(gradient.job) AND attempt = \(gradient.attempt) AND state = 'submitted'
                """,
                mustTouch: 1,
                "reject: gradient to rejected"
            )
            try Self.record(gradient, reason, of: run, in: transaction)
            if state == .dead { try Self.block(run, gradient.job, reason, in: transaction) }
            try transaction.execute("SELECT pg_notify(\(run.channel), 'jobs')")
            return state == .dead ? .dead : .retried
        }
    }

    /// Notes that a confirmed outlier enters the sum at a smaller scale.
    package func recordClipping(of gradient: GradientManifest, in run: RunID, under term: Term) async throws {
        try await database.transaction { transaction in
            try term.hold(in: transaction)
            try transaction.execute(
                """
                INSERT INTO stillhouse.event (run_id, kind, detail)
                VALUES (\(run), 'gradient_clipped', jsonb_build_object(
                    'job_id', \(gradient.job)::bigint, 'attempt', \(gradient.attempt)::integer,
                    'norm', \(gradient.norm)::double precision, 'scale', \(gradient.scale)::double precision
                ))
                """
            )
        }
    }

    /// Refused results of a job, in order of attempts.
    package func rejections(of job: JobID) async throws(PostgresError) -> [RejectedGradient] {
        try await database.query(
            """
            SELECT g.attempt, w.alias, g.reason, g.submitted_at FROM stillhouse.gradient g
            LEFT JOIN stillhouse.gradient_worker w USING (job_id, attempt)
            WHERE g.job_id = \(job) AND g.state = 'rejected' ORDER BY g.attempt
            """
        ).map { row throws(PostgresError) in try RejectedGradient(row) }
    }

    private static func record(
        _ gradient: GradientManifest,
        _ reason: String,
        of run: RunID,
        in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try transaction.execute(
            """
            INSERT INTO stillhouse.event (run_id, kind, detail)
            SELECT g.run_id, 'gradient_rejected', jsonb_build_object(
                'job_id', g.job_id, 'attempt', g.attempt, 'worker', w.alias, 'reason', g.reason
            )
            FROM stillhouse.gradient g LEFT JOIN stillhouse.worker_session w ON w.session = g.worker_session
            WHERE g.job_id = \(gradient.job) AND g.attempt = \(gradient.attempt)
            """
        )
    }

    private static func block(
        _ run: RunID,
        _ job: JobID,
        _ reason: String,
        in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try transaction.execute(
            """
            UPDATE stillhouse.run_head SET state = 'blocked', reason = \("job \(job) is dead: rejected, \(reason)")
            WHERE run_id = \(run) AND state = 'active'
            """
        )
        let detail = ["job_id": job.description, "error": "rejected, \(reason)"]
        try EventStore.record("job_dead", of: run, detail: detail, in: transaction)
    }
}
