import Postgres

/// The transaction that turns a draft into the head: each statement names how many rows it must meet, and any other
/// number undoes all of them.
struct Publication: Sendable {
    let draft: VersionID
    let members: [GradientManifest]
    let metrics: [String: Double]
    let term: Term

    /// Another version has become the head, the draft has died, or a crash of the database is being repaired.
    struct FenceLost: Error {}

    /// Run, applied step and new number of the draft.
    private struct Target {
        let run: RunID
        let step: Int
        let number: Int
    }

    func run(in transaction: borrowing Transaction) throws -> Bool {
        // Publication holds the head; whoever holds one of its rows for longer is in the way of every worker.
        try transaction.execute("SET LOCAL lock_timeout = '2s'")
        try term.hold(in: transaction)
        let target = try moveHead(in: transaction)
        try transaction.execute(
            """
            UPDATE stillhouse.step SET state = 'applied'
            WHERE run_id = \(target.run) AND step = \(target.step) AND state = 'open' AND phase = 1
            """,
            mustTouch: 1,
            "publish: step to applied"
        )
        try applyJobs(of: target, in: transaction)
        try openNextStep(after: target, in: transaction)
        try applyGradients(in: transaction)
        try publishDraft(in: transaction)
        try openEvaluations(of: target, in: transaction)
        if !metrics.isEmpty {
            try transaction.execute(MetricStore.insertion(metrics, of: target.run, number: target.number))
        }
        let detail = ["number": String(target.number)]
        try EventStore.record("version_published", of: target.run, detail: detail, in: transaction)
        try transaction.execute("SELECT pg_notify(\(target.run.channel), \("version:\(target.number)"))")
        return true
    }

    /// The fence: only a child of the present head passes, and only one that was made under this term. The version of the last step finishes the run,
    /// unless evaluations are still to be done: then the coordinator does, after the last of these.
    private func moveHead(in transaction: borrowing Transaction) throws -> Target {
        let rows = try transaction.query(
            """
            UPDATE stillhouse.run_head h SET version_id = v.version_id, number = v.number,
                samples_total = h.samples_total + v.samples,
                state = CASE WHEN v.number = r.total_steps AND NOT EXISTS (
                    SELECT FROM stillhouse.job e WHERE e.run_id = v.run_id
                        AND e.kind = 'evaluate' AND e.state IN ('planned', 'available', 'running')
                ) THEN 'finished' ELSE h.state END
            FROM stillhouse.version v JOIN stillhouse.run r USING (run_id), stillhouse.setting s
            WHERE v.version_id = \(draft) AND h.run_id = v.run_id AND h.version_id = v.parent_id AND h.state = 'active'
                AND h.restoring_since IS NULL AND EXISTS (SELECT FROM stillhouse.sentinel)
                AND v.state = 'draft' AND v.term = \(term.number)
                AND v.created_at > clock_timestamp() - make_interval(secs => s.draft_lifetime_s)
            RETURNING h.run_id, v.step, v.number
            """
        )
        guard let row = rows.first else { throw FenceLost() }
        return Target(
            run: try row.decode("run_id"),
            step: try row.decode("step"),
            number: try row.decode("number")
        )
    }

    private func applyJobs(of target: Target, in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            WITH member AS MATERIALIZED (
                SELECT j.job_id FROM stillhouse.job j
                JOIN unnest(\(jobs), \(attempts)) AS m (job_id, attempt) USING (job_id, attempt)
                WHERE j.run_id = \(target.run) AND j.step = \(target.step) AND j.state = 'submitted'
                ORDER BY j.job_id FOR UPDATE OF j
            )
            UPDATE stillhouse.job j SET state = 'applied' FROM member WHERE j.job_id = member.job_id
            """,
            mustTouch: members.count,
            "publish: jobs of members to applied"
        )
        let unfinished: Int = try transaction.one(
            """
            SELECT count(*) AS unfinished FROM stillhouse.job
            WHERE run_id = \(target.run) AND step = \(target.step) AND kind <> 'evaluate'
                AND state NOT IN ('applied', 'cancelled')
            """
        ).decode("unfinished")
        if unfinished > 0 {
            throw StoreError.ledgerInconsistent(
                statement: "publish: other jobs of the step",
                expected: 0,
                found: unfinished
            )
        }
    }

    /// If it is not planned yet, the coordinator opens it when it plans it.
    private func openNextStep(after target: Target, in transaction: borrowing Transaction) throws {
        let rows = try transaction.query(
            """
            UPDATE stillhouse.step s SET state = 'open', opened_at = clock_timestamp()
            WHERE run_id = \(target.run) AND step = \(target.number) AND state = 'planned'
            RETURNING s.phase = 0 AS embeds
            """
        )
        guard let row = rows.first else { return }
        try StepStore.openJobs(
            of: try row.decode("embeds") ? .embed : .gradient,
            at: target.number,
            of: target.run,
            from: draft,
            in: transaction
        )
    }

    /// The version is kept until these are done. What an operator has cancelled stays so.
    private func openEvaluations(of target: Target, in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE stillhouse.job SET state = 'available', available_at = clock_timestamp(), base_version_id = \(draft)
            WHERE run_id = \(target.run) AND step = \(target.number) AND kind = 'evaluate' AND state = 'planned'
            """
        )
    }

    private func applyGradients(in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE stillhouse.gradient g SET state = 'applied'
            FROM unnest(\(jobs), \(attempts)) AS m (job_id, attempt)
            WHERE (g.job_id, g.attempt) = (m.job_id, m.attempt) AND g.state = 'submitted'
            """,
            mustTouch: members.count,
            "publish: gradients of members to applied"
        )
        try transaction.execute(
            """
            INSERT INTO stillhouse.version_member (version_id, ordinal, job_id, attempt, scale)
            SELECT \(draft), j.ordinal, j.job_id, j.attempt, m.scale
            FROM stillhouse.job j
            JOIN unnest(\(jobs), \(attempts), \(members.map(\.scale))) AS m (job_id, attempt, scale)
                USING (job_id, attempt)
            """,
            mustTouch: members.count,
            "publish: members"
        )
    }

    private func publishDraft(in transaction: borrowing Transaction) throws {
        let published = try transaction.execute(
            """
            UPDATE stillhouse.version SET state = 'published', published_at = clock_timestamp()
            WHERE version_id = \(draft) AND state = 'draft'
            """
        )
        // Between the first statement and this one its time ran out and retention abandoned it.
        if published == 0 { throw FenceLost() }
        // A crash of the database since the draft was written has emptied the UNLOGGED chunks.
        guard try WeightStore.missingChunks(of: draft, in: .unlogged, transaction) == 0 else { throw FenceLost() }
        let agreeing: Int = try transaction.one(
            """
            SELECT count(*) AS agreeing FROM stillhouse.version v, LATERAL (
                SELECT coalesce(sum(g.samples), 0) AS samples, coalesce(sum(g.units), 0) AS units
                FROM stillhouse.version_member m JOIN stillhouse.gradient g USING (job_id, attempt)
                WHERE m.version_id = v.version_id
            ) total
            WHERE v.version_id = \(draft) AND (v.samples, v.units) = (total.samples, total.units)
            """
        ).decode("agreeing")
        if agreeing != 1 {
            throw StoreError.ledgerInconsistent(statement: "publish: totals of members", expected: 1, found: agreeing)
        }
    }

    private var jobs: [Int64] { members.map(\.job.rawValue) }
    private var attempts: [Int] { members.map(\.attempt) }
}
