package import Postgres

/// Creates runs and tells where they stand.
package struct RunStore: Sendable {
    let database: Database

    package init(_ database: Database) { self.database = database }

    /// Creates a run together with version 0, whose chunks must be stored already.
    ///
    /// - Parameters:
    ///   - update: the digests of version 0; its members are none, its parent's chain is empty.
    ///   - origin: the version of another run that the chunks belong to; it must not be retired meanwhile.
    /// - Throws: `StoreError.runExists`, `.runRejected`, `.chunksMissing`, `.versionGone`, or what the database reports.
    package func create(
        _ run: NewRun,
        startingFrom chunks: [ChunkReference],
        update: VersionUpdate,
        origin: RunOrigin? = nil
    ) async throws -> RunID {
        do {
            return try await database.transaction { transaction in
                if let origin { try Self.hold(origin, in: transaction) }
                let id = try Self.insert(run, in: transaction)
                let version = try Self.insertVersionZero(of: id, update: update, in: transaction)
                try WeightStore.insert(chunks, of: version, in: .logged, transaction)
                try transaction.execute(
                    """
                    INSERT INTO stillhouse.run_head (run_id, version_id, number, job_deadline_s)
                    SELECT \(id), \(version), 0, deadline_initial_s FROM stillhouse.setting
                    """
                )
                try EventStore.record("run_created", of: id, in: transaction)
                if let origin {
                    try EventStore.record(RunOrigin.eventKind, of: id, detail: origin.detail, in: transaction)
                }
                return id
            }
        } catch let error as PostgresError {
            guard let constraint = error.constraint, constraint.hasPrefix("run_") else { throw error }
            throw constraint == "run_name_is_unique"
                ? StoreError.runExists(name: run.name)
                : StoreError.runRejected(name: run.name, constraint: constraint)
        }
    }

    /// All runs, the oldest first.
    package func list() async throws(PostgresError) -> [Run] {
        try await runs("\(unescaped: Self.selection) ORDER BY run_id")
    }

    package func run(_ id: RunID) async throws(PostgresError) -> Run? {
        try await runs("\(unescaped: Self.selection) WHERE run_id = \(id)").first
    }

    /// - Throws: `StoreError.runUnknown`.
    package func run(named name: String) async throws -> Run {
        guard let run = try await runs("\(unescaped: Self.selection) WHERE name = \(name)").first else {
            throw StoreError.runUnknown(name: name)
        }
        return run
    }

    /// The run that a worker or aggregator without a choice of its own serves.
    package func oldestActive() async throws(PostgresError) -> Run? {
        try await runs("\(unescaped: Self.selection) WHERE state = 'active' ORDER BY run_id LIMIT 1").first
    }

    package func head(of run: RunID) async throws(PostgresError) -> RunHead? {
        let rows = try await database.query(
            "SELECT * FROM stillhouse.run_head WHERE run_id = \(run)",
            retry: .idempotent
        )
        guard let row = rows.first else { return nil }
        return try RunHead(row)
    }

    private static let selection = """
        SELECT *, (
            SELECT max(v.number) FROM stillhouse.version v
            WHERE v.run_id = run.run_id AND v.durable AND v.state = 'published'
        ) AS durable_number
        FROM stillhouse.run JOIN stillhouse.run_head USING (run_id)
        """

    private func runs(_ query: Query) async throws(PostgresError) -> [Run] {
        try await database.query(query, retry: .idempotent).map { row throws(PostgresError) in try Run(row) }
    }

    private static func insert(_ run: NewRun, in transaction: borrowing Transaction) throws -> RunID {
        try transaction.one(
            """
            INSERT INTO stillhouse.run (
                name, seed, recipe, model, layout, parameter_count,
                recipe_digest, layout_digest, dataset_digest, epoch_samples, total_steps, durability
            ) VALUES (
                \(run.name), \(Int64(bitPattern: run.seed)), \(run.recipe), \(run.model), \(run.layout),
                \(run.parameterCount), \(run.digests.recipe), \(run.digests.layout), \(run.digests.dataset),
                \(run.epochSamples), \(run.totalSteps), \(run.durability)
            ) RETURNING run_id
            """
        ).decode("run_id")
    }

    private static func insertVersionZero(
        of run: RunID,
        update: VersionUpdate,
        in transaction: borrowing Transaction
    ) throws -> VersionID {
        try transaction.one(
            """
            INSERT INTO stillhouse.version (
                run_id, number, state, durable, published_at, samples, units, learning_rate,
                members_digest, content_digest, chain_digest
            ) VALUES (
                \(run), 0, 'published', true, clock_timestamp(), 0, 0, 0,
                \(update.membersDigest), \(update.contentDigest), \(update.chainDigest)
            ) RETURNING version_id
            """
        ).decode("version_id")
    }
}
