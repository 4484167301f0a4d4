package import Postgres

/// How an aggregator makes a version outlive a crash of the database.
extension WeightStore {
    /// Copies chunks from the unlogged table to the logged one, on the server; those that are in neither stay missing.
    package func preserve(_ digests: [[UInt8]]) async throws(PostgresError) {
        // A page bounds what one statement holds in memory and in locks.
        for start in stride(from: 0, to: digests.count, by: 16) {
            let page = Array(digests[start..<min(start + 16, digests.count)])
            try await database.execute(
                """
                INSERT INTO stillhouse.weights_chunk (digest, data)
                SELECT digest, data FROM stillhouse.weights_chunk_unlogged WHERE digest = ANY (\(page)) ORDER BY digest
                ON CONFLICT (digest) DO UPDATE SET touched_at = clock_timestamp()
                """,
                retry: .idempotent
            )
        }
    }

    /// Declares a version durable; if it is a head that a crash had taken, the run goes on from it.
    ///
    /// - Parameter chunks: all of it, both moments included, each stored as `logged`.
    /// - Returns: false when the run has gone back behind the version meanwhile.
    /// - Throws: `StoreError.chunksMissing` unless each chunk is stored.
    package func makeDurable(
        _ version: Version,
        chunks: [ChunkReference],
        under term: Term
    ) async throws -> Bool {
        try await database.transaction(retry: .idempotent) { transaction in
            try term.hold(in: transaction)
            // Heads before versions, as everywhere.
            let restored = try transaction.execute(
                """
                UPDATE stillhouse.run_head SET restoring_since = NULL
                WHERE run_id = \(version.run) AND version_id = \(version.id) AND restoring_since IS NOT NULL
                """
            )
            // One that was retired while its moments were being written is worth more than its successors now.
            let found = try transaction.execute(
                """
                UPDATE stillhouse.version SET durable = true, state = 'published'
                WHERE version_id = \(version.id) AND state IN ('published', 'retired')
                """
            )
            guard found == 1 else { return false }
            try Self.insert(chunks, of: version.id, in: .logged, transaction)
            let event = restored == 1 ? "head_restored" : "version_durable"
            let detail = ["number": String(version.number)]
            try EventStore.record(event, of: version.run, detail: detail, in: transaction)
            if restored == 1 { try transaction.execute("SELECT pg_notify(\(version.run.channel), 'jobs')") }
            return true
        }
    }
}
