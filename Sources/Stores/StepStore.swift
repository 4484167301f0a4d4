package import Postgres

/// Plans steps and tells how far the open one is.
package struct StepStore: Sendable {
    let database: Database

    package init(_ database: Database) { self.database = database }

    /// How many steps are planned, which is also the index of the next one to plan.
    package func plannedCount(of run: RunID) async throws(PostgresError) -> Int {
        let rows = try await database.query(
            "SELECT coalesce(max(step) + 1, 0) AS planned FROM stillhouse.step WHERE run_id = \(run)"
        )
        return try rows.first?.decode("planned") ?? 0
    }

    /// Adds steps with their jobs, and opens the one that the head is waiting for.
    ///
    /// Steps that are planned already are left as they are.
    /// - Returns: how many were new.
    @discardableResult
    package func plan(_ steps: [StepPlan], of run: RunID, under term: Term) async throws -> Int {
        try await database.transaction(retry: .idempotent) { transaction in
            try term.hold(in: transaction)
            // Publication and planning meet on this row: the step that is due is opened by exactly one of them.
            let heads = try transaction.query(
                """
                SELECT * FROM stillhouse.run_head
                WHERE run_id = \(run) AND state IN ('active', 'blocked') FOR NO KEY UPDATE
                """
            )
            guard let row = heads.first else { return 0 }
            let head = try RunHead(row)
            let added = try Self.insert(steps, at: head, in: transaction)
            try Self.insertJobs(of: steps.filter { added.contains($0.step) }, at: head, in: transaction)
            try Self.insertEvaluations(after: steps.filter { added.contains($0.step) }, of: run, in: transaction)
            if added.contains(head.number) { try transaction.execute("SELECT pg_notify(\(run.channel), 'jobs')") }
            return added.count
        }
    }

    /// The step whose gradients make the next version; nil when the plan has run dry or the run is over.
    package func open(of run: RunID) async throws(PostgresError) -> OpenStep? {
        let rows = try await database.query(
            """
            SELECT s.step, s.epoch, s.samples, h.version_id, s.phase, s.n_embeds, s.n_jobs,
                count(*) FILTER (WHERE j.kind = 'embed' AND j.state IN ('submitted', 'applied')) AS embedded,
                count(*) FILTER (WHERE j.kind = 'embed' AND j.state = 'cancelled') AS cancelled_embeds,
                count(*) FILTER (WHERE j.kind = 'gradient' AND j.state = 'submitted') AS submitted,
                count(*) FILTER (WHERE j.kind = 'gradient' AND j.state = 'cancelled') AS cancelled,
                count(*) FILTER (WHERE j.state = 'dead' AND j.kind <> 'evaluate') AS dead
            FROM stillhouse.run_head h
            JOIN stillhouse.step s ON (s.run_id, s.step) = (h.run_id, h.number)
            JOIN stillhouse.job j ON (j.run_id, j.step) = (s.run_id, s.step)
            WHERE h.run_id = \(run) AND s.state = 'open'
            GROUP BY s.run_id, s.step, h.run_id
            """
        )
        guard let row = rows.first else { return nil }
        return try OpenStep(row)
    }

    private static func insert(
        _ steps: [StepPlan],
        at head: RunHead,
        in transaction: borrowing Transaction
    ) throws -> Set<Int> {
        let rows = try transaction.query(
            """
            INSERT INTO stillhouse.step (run_id, step, epoch, phase, n_embeds, n_jobs, samples, state, opened_at)
            SELECT \(head.run), s.step, s.epoch, CASE s.n_embeds WHEN 0 THEN 1 ELSE 0 END, s.n_embeds, s.n_jobs, s.samples,
                CASE WHEN s.step = \(head.number) THEN 'open' ELSE 'planned' END::stillhouse.step_state,
                CASE WHEN s.step = \(head.number) THEN clock_timestamp() END
            FROM unnest(
                \(steps.map(\.step)), \(steps.map(\.epoch)), \(steps.map(\.embedCount)), \(steps.map(\.jobs.count)),
                \(steps.map(\.sampleCount))
            ) AS s (step, epoch, n_embeds, n_jobs, samples)
            ON CONFLICT DO NOTHING RETURNING step
            """
        )
        return Set(try rows.map { try $0.decode("step", as: Int.self) })
    }

    private static func insertJobs(
        of steps: [StepPlan],
        at head: RunHead,
        in transaction: borrowing Transaction
    ) throws {
        let jobs = steps.flatMap { step in
            step.phases.flatMap { kind in
                step.jobs.indices.map { (step: step, kind: kind, ordinal: $0, range: step.jobs[$0]) }
            }
        }
        // Sorted, because claims go by job_id and the open step must come before the next.
        try transaction.execute(
            """
            INSERT INTO stillhouse.job (
                run_id, kind, step, ordinal, epoch, first_index, n_samples, state, base_version_id
            )
            SELECT \(head.run), j.kind::stillhouse.job_kind, j.step, j.ordinal, j.epoch, j.first_index, j.n_samples,
                CASE WHEN j.is_due THEN 'available' ELSE 'planned' END::stillhouse.job_state,
                CASE WHEN j.is_due THEN \(head.version)::bigint END
            FROM unnest(
                \(jobs.map(\.kind.rawValue)), \(jobs.map(\.step.step)), \(jobs.map(\.ordinal)),
                \(jobs.map(\.step.epoch)), \(jobs.map(\.range.lowerBound)), \(jobs.map(\.range.count)),
                \(jobs.map { $0.step.step == head.number && $0.kind == $0.step.phases.first })
            ) WITH ORDINALITY AS j (kind, step, ordinal, epoch, first_index, n_samples, is_due, place)
            ORDER BY j.place
            """,
            mustTouch: jobs.count,
            "plan: jobs of new steps"
        )
    }

    /// They wait for the publication of their version, whose number is their step. Claims pass them over as long as there
    /// are other jobs.
    private static func insertEvaluations(
        after steps: [StepPlan],
        of run: RunID,
        in transaction: borrowing Transaction
    ) throws {
        let jobs = steps.flatMap { step in
            (0..<step.evaluationCount).map { (version: step.version, epoch: step.epoch, ordinal: $0) }
        }
        guard !jobs.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO stillhouse.job (run_id, kind, step, ordinal, epoch, first_index, n_samples)
            SELECT \(run), 'evaluate', j.step, j.ordinal, j.epoch, 0, 1
            FROM unnest(\(jobs.map(\.version)), \(jobs.map(\.ordinal)), \(jobs.map(\.epoch)))
                WITH ORDINALITY AS j (step, ordinal, epoch, place)
            ORDER BY j.place
            """,
            mustTouch: jobs.count,
            "plan: evaluations of new steps"
        )
    }
}
