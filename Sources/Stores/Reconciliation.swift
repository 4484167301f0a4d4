import Postgres

/// The transaction that follows a crash of the database. Locks in the order of all others: head, job, gradient, version.
struct Reconciliation: Sendable {
    func run(in transaction: borrowing Transaction) throws -> CrashReport? {
        // Whoever comes second waits here, and then finds the sentinel.
        let before: Int = try transaction.one("SELECT epoch FROM stillhouse.database_epoch FOR UPDATE").decode("epoch")
        guard try transaction.query("SELECT FROM stillhouse.sentinel").isEmpty else { return nil }
        var losses = try Self.lockHeads(in: transaction)
        try Self.freeJobsWithoutPayload(&losses, in: transaction)
        try Self.closeVersionsWithoutChunks(&losses, in: transaction)
        try Self.markLostHeads(&losses, in: transaction)
        let epoch = before + 1
        try transaction.execute(
            "UPDATE stillhouse.database_epoch SET epoch = \(epoch)",
            mustTouch: 1,
            "reconcile: epoch"
        )
        try transaction.execute(
            "INSERT INTO stillhouse.sentinel (epoch) VALUES (\(epoch))",
            mustTouch: 1,
            "reconcile: sentinel"
        )
        let report = CrashReport(
            epoch: epoch,
            losses: losses.values.filter(\.hasLostAnything).sorted { $0.run.rawValue < $1.run.rawValue }
        )
        try Self.record(report, in: transaction)
        // Every run's workers have been turned away since the crash, whether it lost anything or not.
        try transaction.execute("SELECT pg_notify('stillhouse_' || run_id, 'jobs') FROM stillhouse.run_head")
        return report
    }

    private static func lockHeads(in transaction: borrowing Transaction) throws -> [RunID: CrashLoss] {
        let rows = try transaction.query(
            """
            SELECT h.run_id, r.name, h.number, (
                SELECT max(v.number) FROM stillhouse.version v
                WHERE v.run_id = h.run_id AND v.durable AND v.state = 'published'
            ) AS durable_number
            FROM stillhouse.run_head h JOIN stillhouse.run r USING (run_id) ORDER BY h.run_id FOR UPDATE OF h
            """
        )
        var losses: [RunID: CrashLoss] = [:]
        for row in rows {
            let run: RunID = try row.decode("run_id")
            losses[run] = CrashLoss(
                run: run,
                name: try row.decode("name"),
                headNumber: try row.decode("number"),
                durableNumber: try row.decode("durable_number")
            )
        }
        return losses
    }

    /// What a cancelled run had submitted, nobody will apply: its payloads are retention's, lost or not.
    private static func freeJobsWithoutPayload(
        _ losses: inout [RunID: CrashLoss],
        in transaction: borrowing Transaction
    ) throws {
        let rows = try transaction.query(
            """
            WITH lost AS MATERIALIZED (
                SELECT j.run_id, j.job_id, j.attempt
                FROM stillhouse.job j
                JOIN stillhouse.gradient g ON (g.job_id, g.attempt) = (j.job_id, j.attempt) AND g.state = 'submitted'
                JOIN stillhouse.run_head h ON h.run_id = j.run_id AND h.state <> 'cancelled'
                WHERE j.state = 'submitted' AND g.n_parts <> (
                    SELECT count(*) FROM stillhouse.gradient_part p WHERE (p.job_id, p.attempt) = (j.job_id, j.attempt)
                )
                ORDER BY j.job_id FOR UPDATE OF j
            ), freed AS (
                UPDATE stillhouse.job j SET state = 'available', worker_session = NULL, finished_at = NULL,
                    available_at = clock_timestamp()
                FROM lost WHERE j.job_id = lost.job_id
                RETURNING j.job_id
            ), marked AS (
                UPDATE stillhouse.gradient g SET state = 'lost'
                FROM lost WHERE (g.job_id, g.attempt) = (lost.job_id, lost.attempt)
                RETURNING g.job_id
            ), closed AS (
                UPDATE stillhouse.job_attempt a SET outcome = 'lost', error = 'payload lost in a crash of the database'
                FROM lost WHERE (a.job_id, a.attempt) = (lost.job_id, lost.attempt)
            )
            SELECT lost.run_id, count(*) AS lost, count(freed.job_id) AS freed, count(marked.job_id) AS marked
            FROM lost LEFT JOIN freed USING (job_id) LEFT JOIN marked USING (job_id) GROUP BY lost.run_id
            """
        )
        for row in rows {
            let lost: Int = try row.decode("lost")
            for (column, statement) in [("freed", "reconcile: jobs"), ("marked", "reconcile: gradients")] {
                let found: Int = try row.decode(column)
                guard found == lost else {
                    throw StoreError.ledgerInconsistent(statement: statement, expected: lost, found: found)
                }
            }
            losses[try row.decode("run_id")]?.lostGradientCount = lost
        }
    }

    /// Durable versions lose nothing; should one lack a chunk all the same, `verify` must find it as it is.
    private static func closeVersionsWithoutChunks(
        _ losses: inout [RunID: CrashLoss],
        in transaction: borrowing Transaction
    ) throws {
        let rows = try transaction.query(
            """
            WITH closed AS (
                UPDATE stillhouse.version v SET durable = false,
                    state = CASE v.state WHEN 'draft' THEN 'abandoned' ELSE 'retired' END::stillhouse.version_state
                FROM stillhouse.run_head h JOIN stillhouse.run r USING (run_id)
                WHERE h.run_id = v.run_id AND r.durability <> 'full' AND (
                    v.state = 'draft'
                    OR v.state = 'published' AND NOT v.durable AND v.version_id <> h.version_id AND EXISTS (
                        SELECT FROM stillhouse.version_chunk c WHERE c.version_id = v.version_id
                            AND NOT EXISTS (SELECT FROM stillhouse.weights w WHERE w.digest = c.digest)
                    )
                )
                RETURNING v.run_id, v.version_id, v.state
            ), unlisted AS (
                DELETE FROM stillhouse.version_chunk c USING closed WHERE c.version_id = closed.version_id
            )
            SELECT run_id, count(*) FILTER (WHERE state = 'retired') AS retired,
                count(*) FILTER (WHERE state = 'abandoned') AS abandoned
            FROM closed GROUP BY run_id
            """
        )
        for row in rows {
            let run: RunID = try row.decode("run_id")
            losses[run]?.retiredVersionCount = try row.decode("retired")
            losses[run]?.abandonedDraftCount = try row.decode("abandoned")
        }
    }

    /// Even where all its chunks happen to be left: the gradients that led to it are gone.
    private static func markLostHeads(
        _ losses: inout [RunID: CrashLoss],
        in transaction: borrowing Transaction
    ) throws {
        let rows = try transaction.query(
            """
            UPDATE stillhouse.run_head h SET restoring_since = clock_timestamp()
            FROM stillhouse.run r, stillhouse.version v
            WHERE r.run_id = h.run_id AND r.durability <> 'full' AND v.version_id = h.version_id AND NOT v.durable
            RETURNING h.run_id
            """
        )
        for row in rows { losses[try row.decode("run_id")]?.isRestoring = true }
    }

    /// One line for each run that lost something; a crash that cost nothing is recorded too.
    private static func record(_ report: CrashReport, in transaction: borrowing Transaction) throws {
        if report.losses.isEmpty {
            try EventStore.record("database_crashed", of: nil, detail: ["epoch": "\(report.epoch)"], in: transaction)
        }
        for loss in report.losses {
            var detail = [
                "epoch": "\(report.epoch)", "lost_gradients": "\(loss.lostGradientCount)",
                "retired_versions": "\(loss.retiredVersionCount)", "abandoned_drafts": "\(loss.abandonedDraftCount)",
                "head": "\(loss.headNumber)", "head_lost": "\(loss.isRestoring)",
            ]
            if let durable = loss.durableNumber { detail["durable"] = "\(durable)" }
            try EventStore.record("database_crashed", of: loss.run, detail: detail, in: transaction)
        }
    }
}
