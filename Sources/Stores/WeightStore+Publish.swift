package import Postgres

/// How an aggregator makes the next version: chunks, then a draft, then one transaction that decides.
extension WeightStore {
    /// Marks chunks as wanted, which keeps them for `chunk_grace_s`.
    ///
    /// - Parameter storage: what it takes to be stored; a logged chunk is good enough for `unlogged` too.
    /// - Returns: those that are not stored and must be `put`.
    package func touch(_ digests: [[UInt8]], in storage: ChunkStorage) async throws(PostgresError) -> Set<[UInt8]> {
        var missing = Set(digests)
        for table in Self.tables(for: storage) where !missing.isEmpty {
            for row in try await database.query(Self.touch(missing, in: table), retry: .idempotent) {
                missing.remove(try row.decode("digest"))
            }
        }
        return missing
    }

    /// The tables in which a chunk is stored well enough.
    private static func tables(for storage: ChunkStorage) -> [ChunkStorage] {
        storage == .logged ? [.logged] : [.logged, .unlogged]
    }

    private static func touch(_ digests: Set<[UInt8]>, in table: ChunkStorage) -> Query {
        """
        WITH present AS MATERIALIZED (
            SELECT digest FROM \(unescaped: table.weights) WHERE digest = ANY (\(Array(digests)))
            ORDER BY digest FOR NO KEY UPDATE
        )
        UPDATE \(unescaped: table.weights) w SET touched_at = clock_timestamp()
        FROM present WHERE w.digest = present.digest RETURNING w.digest
        """
    }

    /// Stores a chunk under the SHA-256 of its bytes. Storing it again sends it in vain but keeps it.
    package func put(digest: [UInt8], data: [UInt8], in storage: ChunkStorage) async throws(PostgresError) {
        try await database.execute(Self.put(digest, data.postgresParameter, in: storage), retry: .idempotent)
    }

    /// Stores many chunks, without waiting for each other's replies, from where their values lie.
    ///
    /// - Parameter chunks: each with the SHA-256 of its values' bytes.
    @discardableResult
    package func put(
        _ chunks: [(digest: [UInt8], values: ArraySlice<Float>)],
        in storage: ChunkStorage
    ) async throws(PostgresError) -> StatementStream.Report {
        let stream = StatementStream(
            count: chunks.count,
            maximumBytesInFlight: Self.maximumBytesInFlight,
            query: { Self.put(chunks[$0].digest, .bytes(of: chunks[$0].values), in: storage) },
            receive: { _, _ in true }
        )
        return try await database.run(stream, retry: .idempotent)
    }

    /// What may be on its way to the server and not acknowledged.
    static let maximumBytesInFlight = 32 << 20

    private static func put(_ digest: [UInt8], _ data: Parameter, in storage: ChunkStorage) -> Query {
        """
        INSERT INTO \(unescaped: storage.weights) (digest, data) VALUES (\(digest), \(bound: data))
        ON CONFLICT (digest) DO UPDATE SET touched_at = clock_timestamp()
        """
    }

    /// Enters a version that nobody sees yet.
    ///
    /// - Parameter chunks: all of it, those that are the parent's included.
    /// - Parameter isDurable: whether these are logged, with both moments, so that it needs no checkpoint.
    /// - Throws: `StoreError.chunksMissing` unless each of them is stored.
    package func draft(
        childOf parent: VersionID,
        applying step: Int,
        update: VersionUpdate,
        chunks: [ChunkReference],
        isDurable: Bool = false,
        under term: Term
    ) async throws -> VersionID {
        try await database.transaction { transaction in
            try term.hold(in: transaction)
            let version: VersionID = try transaction.one(
                """
                INSERT INTO stillhouse.version (
                    run_id, number, parent_id, step, term, durable, samples, units, learning_rate,
                    members_digest, content_digest, chain_digest
                )
                SELECT run_id, number + 1, version_id, \(step), \(term.number), \(isDurable),
                    \(update.samples), \(update.units),
                    \(update.learningRate), \(update.membersDigest), \(update.contentDigest), \(update.chainDigest)
                FROM stillhouse.version WHERE version_id = \(parent)
                RETURNING version_id
                """
            ).decode("version_id")
            try Self.insert(chunks, of: version, in: isDurable ? .logged : .unlogged, transaction)
            return version
        }
    }

    /// Makes a draft the head and opens the next step, or changes nothing.
    ///
    /// After a lost reply ask `state(of:under:)`: `published` means done, `draft` means call again.
    /// - Parameter members: all submitted gradients of the draft's step.
    /// - Parameter metrics: recorded with the version.
    /// - Returns: false when the fence is lost: the draft's parent is not the head, the draft is too old or has lost
    ///   chunks to a crash of the database, or the run is not active.
    /// - Throws: `StoreError.leadershipLost` when another aggregator leads the run; `StoreError.ledgerInconsistent` when
    ///   the ledger holds other rows than it must.
    package func publish(
        _ draft: VersionID,
        members: [GradientManifest],
        metrics: [String: Double] = [:],
        under term: Term
    ) async throws -> Bool {
        do {
            return try await database.transaction { transaction in
                let publication = Publication(draft: draft, members: members, metrics: metrics, term: term)
                return try publication.run(in: transaction)
            }
        } catch is Publication.FenceLost {
            return false
        }
    }

    /// What became of a draft; waits for a publication that is still in flight.
    ///
    /// - Throws: `StoreError.leadershipLost`: then the next leader decides, and the head tells what it was.
    package func state(of version: VersionID, under term: Term) async throws -> VersionState? {
        try await database.transaction(retry: .idempotent) { transaction in
            try term.hold(in: transaction)
            return try transaction.query(
                "SELECT state FROM stillhouse.version WHERE version_id = \(version) FOR UPDATE"
            ).first?.decode("state")
        }
    }

    /// Lists chunks under a version, and insists that they are stored at least that well.
    static func insert(
        _ chunks: [ChunkReference],
        of version: VersionID,
        in storage: ChunkStorage,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO stillhouse.version_chunk (version_id, role, ordinal, digest)
            SELECT \(version), c.role, c.ordinal, c.digest
            FROM unnest(\(chunks.map(\.role.rawValue)), \(chunks.map(\.ordinal)), \(chunks.map(\.digest)))
                AS c (role, ordinal, digest)
            ON CONFLICT DO NOTHING
            """
        )
        // Touched in this transaction, none can be deleted as unnamed by someone who does not see the list yet.
        var missing = Set(chunks.map(\.digest))
        for table in tables(for: storage) where !missing.isEmpty {
            for row in try transaction.query(touch(missing, in: table)) { missing.remove(try row.decode("digest")) }
        }
        if !missing.isEmpty { throw StoreError.chunksMissing(count: missing.count) }
    }

    /// How many of a version's chunks are not stored at least that well.
    static func missingChunks(
        of version: VersionID,
        in storage: ChunkStorage,
        _ transaction: borrowing Transaction
    ) throws -> Int {
        let source = storage == .logged ? storage.weights : "stillhouse.weights"
        return try transaction.one(
            """
            SELECT count(*) AS missing FROM stillhouse.version_chunk c
            WHERE c.version_id = \(version)
                AND NOT EXISTS (SELECT FROM \(unescaped: source) w WHERE w.digest = c.digest)
            """
        ).decode("missing")
    }
}
