import Postgres

/// The transaction that takes a run back to a durable version: counts must agree, or all of it is undone.
///
/// Numbers are given anew, but neither version ids nor attempts: whatever still refers to the future that was given up
/// meets a fence.
struct RunRewind: Sendable {
    let run: RunID
    let number: Int?
    let reason: String
    var isOnlyIfOverdue = false

    /// The version to go back to.
    private struct Target {
        let version: VersionID
        let number: Int
        /// Applied up to it.
        let samples: Int
    }

    /// Steps from the target's on that have been opened, and what their jobs were doing.
    private struct Undone {
        let steps: ClosedRange<Int>
        let jobCount: Int
        var appliedCount = 0
        var submittedCount = 0
        var runningCount = 0
    }

    func run(in transaction: borrowing Transaction) throws -> Rewind? {
        guard let head = try lockHead(in: transaction) else { return nil }
        let target = try findTarget(below: head, in: transaction)
        guard target.number < head.number else {
            if head.restoringSince != nil { try moveHead(to: target, in: transaction) }
            return nil
        }
        try moveHead(to: target, in: transaction)
        var undone = try closeSteps(from: head, to: target, in: transaction)
        try lockJobs(of: undone, after: target, in: transaction)
        try returnJobs(of: &undone, isCancelled: head.state == .cancelled, to: target, in: transaction)
        try returnEvaluations(isCancelled: head.state == .cancelled, after: target, in: transaction)
        try voidGradients(of: undone, after: target, in: transaction)
        try loseVersions(from: head, to: target, in: transaction)
        try transaction.execute("DELETE FROM stillhouse.metric WHERE run_id = \(run) AND number > \(target.number)")
        let rewind = Rewind(
            from: head.number,
            to: target.number,
            voidGradientCount: undone.appliedCount,
            lostGradientCount: undone.submittedCount,
            revokedJobCount: undone.runningCount
        )
        try record(rewind, in: transaction)
        try transaction.execute("SELECT pg_notify(\(run.channel), \("version:\(target.number)"))")
        return rewind
    }

    private func lockHead(in transaction: borrowing Transaction) throws -> RunHead? {
        let rows = try transaction.query(
            """
            SELECT h.*, coalesce(
                h.restoring_since <= clock_timestamp() - make_interval(secs => s.restore_patience_s), false
            ) AS is_overdue
            FROM stillhouse.run_head h, stillhouse.setting s WHERE h.run_id = \(run) FOR UPDATE OF h
            """
        )
        guard let row = rows.first else { return nil }
        let isOverdue: Bool = try row.decode("is_overdue")
        return isOverdue || !isOnlyIfOverdue ? try RunHead(row) : nil
    }

    /// Locked, so that retention does not close it meanwhile.
    private func findTarget(below head: RunHead, in transaction: borrowing Transaction) throws -> Target {
        let limit = number ?? head.number
        let rows = try transaction.query(
            """
            SELECT v.version_id, v.number, (
                SELECT coalesce(sum(p.samples), 0)::bigint FROM stillhouse.version p
                WHERE p.run_id = v.run_id AND p.number <= v.number AND p.state IN ('published', 'retired')
            ) AS samples
            FROM stillhouse.version v
            WHERE v.run_id = \(run) AND v.durable AND v.state = 'published' AND v.number <= \(limit)
            ORDER BY v.number DESC LIMIT 1 FOR UPDATE OF v
            """
        )
        guard let row = rows.first else { throw StoreError.durableVersionMissing(run: run, number: limit) }
        return Target(
            version: try row.decode("version_id"),
            number: try row.decode("number"),
            samples: try row.decode("samples")
        )
    }

    /// A finished run has work again. What an operator has blocked or cancelled stays so.
    private func moveHead(to target: Target, in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE stillhouse.run_head SET version_id = \(target.version), number = \(target.number),
                samples_total = \(target.samples), restoring_since = NULL,
                state = CASE state WHEN 'finished' THEN 'active' ELSE state END::stillhouse.run_state
            WHERE run_id = \(run)
            """,
            mustTouch: 1,
            "rewind: head"
        )
    }

    private func closeSteps(
        from head: RunHead,
        to target: Target,
        in transaction: borrowing Transaction
    ) throws -> Undone {
        let rows = try transaction.query(
            """
            SELECT step, state = 'applied' AS is_applied, n_jobs + n_embeds AS n_jobs FROM stillhouse.step
            WHERE run_id = \(run) AND step >= \(target.number) AND state <> 'planned' ORDER BY step FOR UPDATE
            """
        )
        let steps = try rows.map { try $0.decode("step", as: Int.self) }
        let appliedCount = try rows.filter { try $0.decode("is_applied") }.count
        guard let last = steps.last, appliedCount == head.number - target.number else {
            throw StoreError.ledgerInconsistent(
                statement: "rewind: applied steps",
                expected: head.number - target.number,
                found: appliedCount
            )
        }
        try transaction.execute(
            """
            UPDATE stillhouse.step
            SET state = CASE WHEN step = \(target.number) THEN 'open' ELSE 'planned' END::stillhouse.step_state,
                opened_at = CASE WHEN step = \(target.number) THEN clock_timestamp() END,
                phase = CASE n_embeds WHEN 0 THEN 1 ELSE 0 END, embed_digest = NULL
            WHERE run_id = \(run) AND step BETWEEN \(target.number) AND \(last)
            """,
            mustTouch: last - target.number + 1,
            "rewind: steps"
        )
        let jobCount = try rows.reduce(0) { try $0 + $1.decode("n_jobs", as: Int.self) }
        return Undone(steps: target.number...last, jobCount: jobCount)
    }

    /// All that will change, in the order of everybody who holds several.
    private func lockJobs(
        of undone: Undone,
        after target: Target,
        in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try transaction.execute(
            """
            SELECT FROM stillhouse.job
            WHERE run_id = \(run) AND step BETWEEN \(target.number) AND \(undone.steps.upperBound + 1)
            ORDER BY job_id FOR UPDATE
            """
        )
    }

    /// The first step opens with its first phase. Dead jobs wait for theirs like the others, as it could not open with
    /// them; they keep their charges, and with
    /// them one try. Cancelled ones stay out of it, so that the version comes out as before.
    private func returnJobs(
        of undone: inout Undone,
        isCancelled: Bool,
        to target: Target,
        in transaction: borrowing Transaction
    ) throws {
        let row = try transaction.one(
            """
            WITH found AS MATERIALIZED (
                SELECT j.job_id, j.attempt, j.state,
                    j.step = \(target.number) AND (j.kind = 'embed' OR s.n_embeds = 0) AS is_due
                FROM stillhouse.job j JOIN stillhouse.step s ON (s.run_id, s.step) = (j.run_id, j.step)
                WHERE j.run_id = \(run) AND j.step BETWEEN \(undone.steps.lowerBound) AND \(undone.steps.upperBound)
                    AND j.kind IN ('embed', 'gradient')
                ORDER BY j.job_id FOR UPDATE OF j
            ), returned AS (
                UPDATE stillhouse.job j SET state = CASE
                        WHEN \(isCancelled)::boolean THEN 'cancelled'
                        WHEN found.is_due THEN 'available'
                        ELSE 'planned' END::stillhouse.job_state,
                    base_version_id = CASE WHEN found.is_due THEN \(target.version)::bigint END,
                    worker_session = NULL, deadline_at = NULL, finished_at = NULL, available_at = clock_timestamp()
                FROM found WHERE j.job_id = found.job_id AND found.state <> 'cancelled'
                RETURNING j.job_id, j.kind, found.attempt, found.state AS before
            ), closed AS (
                UPDATE stillhouse.job_attempt a SET outcome = 'lost', error = 'the run went back',
                    ended_at = coalesce(a.ended_at, clock_timestamp())
                FROM returned r
                WHERE (a.job_id, a.attempt) = (r.job_id, r.attempt) AND r.before IN ('running', 'submitted')
            )
            SELECT (SELECT count(*) FROM found) AS found,
                count(*) FILTER (WHERE kind = 'gradient' AND before = 'applied') AS applied,
                count(*) FILTER (WHERE kind = 'gradient' AND before = 'submitted') AS submitted,
                count(*) FILTER (WHERE before = 'running') AS running
            FROM returned
            """
        )
        let found: Int = try row.decode("found")
        guard found == undone.jobCount else {
            throw StoreError.ledgerInconsistent(statement: "rewind: jobs", expected: undone.jobCount, found: found)
        }
        undone.appliedCount = try row.decode("applied")
        undone.submittedCount = try row.decode("submitted")
        undone.runningCount = try row.decode("running")
    }

    /// Evaluations of versions that are given up wait for the ones that take their place, as if never done; their metrics
    /// are deleted with all others. Those of the versions that stay are valid, or go on.
    private func returnEvaluations(
        isCancelled: Bool,
        after target: Target,
        in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try transaction.execute(
            """
            WITH found AS MATERIALIZED (
                SELECT j.job_id, j.attempt, j.state FROM stillhouse.job j
                WHERE j.run_id = \(run) AND j.step > \(target.number) AND j.kind = 'evaluate'
                    AND j.state NOT IN ('planned', 'cancelled')
                ORDER BY j.job_id FOR UPDATE OF j
            ), returned AS (
                UPDATE stillhouse.job j SET
                    state = CASE WHEN \(isCancelled)::boolean THEN 'cancelled' ELSE 'planned' END::stillhouse.job_state,
                    base_version_id = NULL, worker_session = NULL, deadline_at = NULL, finished_at = NULL,
                    available_at = clock_timestamp()
                FROM found WHERE j.job_id = found.job_id
            )
            UPDATE stillhouse.job_attempt a SET outcome = 'lost', error = 'the run went back',
                ended_at = coalesce(a.ended_at, clock_timestamp())
            FROM found f WHERE (a.job_id, a.attempt) = (f.job_id, f.attempt) AND f.state = 'running'
            """
        )
    }

    private func voidGradients(
        of undone: Undone,
        after target: Target,
        in transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE stillhouse.gradient g SET state = 'void'
            FROM stillhouse.version_member m JOIN stillhouse.version v USING (version_id)
            WHERE v.run_id = \(run) AND v.number > \(target.number) AND v.state IN ('published', 'retired')
                AND (g.job_id, g.attempt) = (m.job_id, m.attempt) AND g.state = 'applied'
            """,
            mustTouch: undone.appliedCount,
            "rewind: members' gradients to void"
        )
        try transaction.execute(
            """
            UPDATE stillhouse.gradient g SET state = 'lost' FROM stillhouse.job j
            WHERE j.run_id = \(run) AND j.step BETWEEN \(undone.steps.lowerBound) AND \(undone.steps.upperBound)
                AND (g.job_id, g.attempt) = (j.job_id, j.attempt) AND g.state = 'submitted'
            """,
            mustTouch: undone.submittedCount,
            "rewind: submitted gradients to lost"
        )
    }

    private func loseVersions(
        from head: RunHead,
        to target: Target,
        in transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE stillhouse.version SET state = 'lost', durable = false
            WHERE run_id = \(run) AND number > \(target.number) AND state IN ('published', 'retired')
            """,
            mustTouch: head.number - target.number,
            "rewind: versions to lost"
        )
        try transaction.execute(
            "UPDATE stillhouse.version SET state = 'abandoned', durable = false WHERE run_id = \(run) AND state = 'draft'"
        )
        try transaction.execute(
            """
            DELETE FROM stillhouse.version_chunk c USING stillhouse.version v
            WHERE v.run_id = \(run) AND v.state IN ('lost', 'abandoned') AND c.version_id = v.version_id
            """
        )
    }

    private func record(_ rewind: Rewind, in transaction: borrowing Transaction) throws(PostgresError) {
        let detail = [
            "from": "\(rewind.from)", "to": "\(rewind.to)", "lost_versions": "\(rewind.lostVersionCount)",
            "void_gradients": "\(rewind.voidGradientCount)", "lost_gradients": "\(rewind.lostGradientCount)",
            "reason": reason,
        ]
        try EventStore.record("run_rewound", of: run, detail: detail, in: transaction)
    }
}
