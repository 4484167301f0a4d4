import Postgres

extension StepStore {
    /// Closes the first phase of a two-phase step, when all its embed jobs are done, and opens the second: one transaction
    /// of the shape of a publication. Gradients start from the version that the embeddings were computed at.
    ///
    /// - Returns: false when there is nothing to close: another has, a job is unfinished again, or the run does not go on.
    package func closeEmbedPhase(of run: RunID, step: Int, under term: Term) async throws -> Bool {
        try await database.transaction(retry: .idempotent) { transaction in
            try transaction.execute("SET LOCAL lock_timeout = '2s'")
            try term.hold(in: transaction)
            let heads = try transaction.query(
                """
                SELECT h.* FROM stillhouse.run_head h JOIN stillhouse.step s ON (s.run_id, s.step) = (h.run_id, h.number)
                WHERE h.run_id = \(run) AND h.number = \(step) AND h.state = 'active' AND h.restoring_since IS NULL
                    AND EXISTS (SELECT FROM stillhouse.sentinel) AND s.state = 'open' AND s.phase = 0
                FOR UPDATE OF h, s
                """
            )
            guard let row = heads.first else { return false }
            let head = try RunHead(row)
            guard let embedded = try Self.applyEmbedJobs(of: head, in: transaction) else { return false }
            try Self.fixEmbeddings(of: head, count: embedded, in: transaction)
            try Self.openJobs(of: .gradient, at: step, of: run, from: head.version, in: transaction)
            let detail = ["step": "\(step)", "artifacts": "\(embedded)"]
            try EventStore.record("step_embedded", of: run, detail: detail, in: transaction)
            try transaction.execute("SELECT pg_notify(\(run.channel), 'jobs')")
            return true
        }
    }

    /// - Returns: how many there are; nil when some are not done yet.
    private static func applyEmbedJobs(of head: RunHead, in transaction: borrowing Transaction) throws -> Int? {
        let jobs = try transaction.query(
            """
            SELECT state FROM stillhouse.job
            WHERE run_id = \(head.run) AND step = \(head.number) AND kind = 'embed' ORDER BY job_id FOR UPDATE
            """
        ).map { try $0.decode("state", as: JobState.self) }
        guard jobs.allSatisfy({ $0 == .submitted || $0 == .cancelled }) else { return nil }
        let submitted = jobs.count { $0 == .submitted }
        try transaction.execute(
            """
            UPDATE stillhouse.job SET state = 'applied'
            WHERE run_id = \(head.run) AND step = \(head.number) AND kind = 'embed' AND state = 'submitted'
            """,
            mustTouch: submitted,
            "close phase: embed jobs to applied"
        )
        return submitted
    }

    /// Writes down what the gradients are computed among; every worker compares what it has read with that.
    private static func fixEmbeddings(
        of head: RunHead,
        count: Int,
        in transaction: borrowing Transaction
    ) throws {
        let row = try transaction.one(
            """
            SELECT count(*) AS artifacts,
                sha256(coalesce(string_agg(int4send(a.ordinal) || a.digest, ''::bytea ORDER BY a.ordinal), ''::bytea))
                    AS digest
            FROM stillhouse.step_artifact a WHERE a.run_id = \(head.run) AND a.step = \(head.number)
            """
        )
        let found: Int = try row.decode("artifacts")
        guard found == count else {
            throw StoreError.ledgerInconsistent(statement: "close phase: artifacts", expected: count, found: found)
        }
        try transaction.execute(
            """
            UPDATE stillhouse.step SET phase = 1, embed_digest = \(try row.decode("digest", as: [UInt8].self))
            WHERE run_id = \(head.run) AND step = \(head.number) AND phase = 0
            """,
            mustTouch: 1,
            "close phase: step"
        )
    }

    /// Makes the jobs of a phase available, all but those that an operator has cancelled.
    static func openJobs(
        of kind: JobKind,
        at step: Int,
        of run: RunID,
        from version: VersionID,
        in transaction: borrowing Transaction
    ) throws {
        let planned: Int = try transaction.one(
            """
            SELECT CASE \(kind)::stillhouse.job_kind WHEN 'embed' THEN s.n_embeds ELSE s.n_jobs END - (
                SELECT count(*) FROM stillhouse.job j
                WHERE (j.run_id, j.step) = (s.run_id, s.step) AND j.kind = \(kind) AND j.state = 'cancelled'
            ) AS planned
            FROM stillhouse.step s WHERE s.run_id = \(run) AND s.step = \(step)
            """
        ).decode("planned")
        try transaction.execute(
            """
            UPDATE stillhouse.job SET state = 'available', available_at = clock_timestamp(), base_version_id = \(version)
            WHERE run_id = \(run) AND step = \(step) AND kind = \(kind) AND state = 'planned'
            """,
            mustTouch: planned,
            "open phase: \(kind.rawValue) jobs to available"
        )
    }
}
