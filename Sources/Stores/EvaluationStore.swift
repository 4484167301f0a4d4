package import Postgres

/// Evaluations of versions: workers hand their metrics in, the coordinator ends what nobody can do any more.
package struct EvaluationStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Enters what an evaluation has found as metrics of its version and completes its job, or does neither.
    ///
    /// May be repeated after a lost reply, and is by this call itself: it then answers `already`.
    /// - Parameter metrics: by names such as `top1`; the version's metric is `evaluation.<name>.top1`.
    /// - Throws: a check violation for what is no metric, which `JobStore.fail` should report.
    package func submit(
        _ token: FencingToken,
        _ metrics: [String: Double]
    ) async throws(PostgresError) -> GradientStore.SubmitAnswer {
        let rows = try await database.query(
            """
            SELECT stillhouse.evaluation_submit_v1(
                \(token.job), \(token.attempt)::integer, \(token.session), \(JSON(metrics))
            ) AS answer
            """,
            retry: .idempotent
        )
        return try rows.first?.decode("answer") ?? .fenced
    }

    /// What a turn of the coordinator did about evaluations.
    package struct Upkeep: Hashable, Sendable {
        /// Evaluations that nobody can do, as a crash of the database took their version.
        package let lostCount: Int
        /// Runs that had nothing but evaluations left, and have none any more.
        package let finishedRuns: [RunID]
    }

    /// Cancels evaluations of versions that are gone, and finishes runs that have waited for their last one.
    package func keepUp(under term: Term) async throws -> Upkeep {
        try await database.transaction(retry: .idempotent) { transaction in
            try term.hold(in: transaction)
            // Heads before jobs, as everywhere.
            let finished = try transaction.query(
                """
                UPDATE stillhouse.run_head h SET state = 'finished'
                FROM stillhouse.run r
                WHERE r.run_id = h.run_id AND h.state = 'active' AND h.number = r.total_steps
                    AND h.restoring_since IS NULL AND NOT EXISTS (
                        SELECT FROM stillhouse.job e
                        WHERE e.run_id = h.run_id
                            AND e.kind = 'evaluate' AND e.state IN ('planned', 'available', 'running')
                    )
                RETURNING h.run_id
                """
            ).map { try $0.decode("run_id", as: RunID.self) }
            for run in finished { try transaction.execute("SELECT pg_notify(\(run.channel), 'control')") }
            return Upkeep(lostCount: try Self.cancelLost(in: transaction), finishedRuns: finished)
        }
    }

    /// Of a rewound version the evaluation waits for the next one of its number; only retired ones are gone for good.
    private static func cancelLost(in transaction: borrowing Transaction) throws -> Int {
        try transaction.one(
            """
            WITH lost AS MATERIALIZED (
                SELECT j.job_id, v.number FROM stillhouse.job j
                JOIN stillhouse.version v ON v.version_id = j.base_version_id
                WHERE j.kind = 'evaluate' AND j.state = 'available' AND v.state = 'retired'
                ORDER BY j.job_id FOR UPDATE OF j SKIP LOCKED
            ), cancelled AS (
                UPDATE stillhouse.job j SET state = 'cancelled', finished_at = clock_timestamp(),
                    last_error = format('version %s was lost in a crash of the database', lost.number)
                FROM lost WHERE j.job_id = lost.job_id
                RETURNING j.run_id, j.job_id, lost.number, j.ordinal
            ), noted AS (
                INSERT INTO stillhouse.event (run_id, kind, detail)
                SELECT c.run_id, 'evaluation_lost',
                    jsonb_build_object('job_id', c.job_id, 'number', c.number, 'ordinal', c.ordinal)
                FROM cancelled c ORDER BY c.job_id
            )
            SELECT count(*) AS lost FROM cancelled
            """
        ).decode("lost")
    }

    /// How many evaluations of a run are in each state; states without any are absent.
    package func counts(of run: RunID) async throws(PostgresError) -> [JobState: Int] {
        var counts: [JobState: Int] = [:]
        for row in try await database.query(
            """
            SELECT state, count(*) AS n FROM stillhouse.job
            WHERE run_id = \(run) AND kind = 'evaluate' GROUP BY state
            """
        ) {
            counts[try row.decode("state")] = try row.decode("n", as: Int.self)
        }
        return counts
    }

    /// All that evaluations of a run have found, in the order of names, then of versions.
    package func metrics(of run: RunID) async throws(PostgresError) -> [Metric] {
        try await database.query(
            """
            SELECT number, name, value FROM stillhouse.metric
            WHERE run_id = \(run) AND name LIKE 'evaluation.%' ORDER BY name, number
            """
        ).map { row throws(PostgresError) in
            Metric(number: try row.decode("number"), name: try row.decode("name"), value: try row.decode("value"))
        }
    }
}
