import Postgres
import Stores
import TestSupport
import Testing

/// Emptying the UNLOGGED tables is what PostgreSQL does after a crash.
@Suite("Checkpoints", .temporaryDatabase(.migrated))
struct WeightStoreCheckpointTests {
    private func loseChunks(_ ledger: Ledger) async throws {
        try await ledger.database.execute("TRUNCATE stillhouse.weights_chunk_unlogged")
    }

    private func put(_ content: String, _ storage: ChunkStorage, in ledger: Ledger) async throws -> [UInt8] {
        let digest = Ledger.sha256(content)
        try await ledger.weights.put(digest: digest, data: Array(content.utf8), in: storage)
        return digest
    }

    @Test("a chunk that is stored either way can be read; only a logged one counts as logged")
    func storage() async throws {
        let ledger = try await Ledger()
        let logged = try await put("logged", .logged, in: ledger)
        let unlogged = try await put("unlogged", .unlogged, in: ledger)
        #expect(try await ledger.weights.chunks([logged, unlogged]) == [Array("logged".utf8), Array("unlogged".utf8)])
        #expect(try await ledger.weights.touch([logged, unlogged], in: .unlogged).isEmpty)
        #expect(try await ledger.weights.touch([logged, unlogged], in: .logged) == [unlogged])
        try await ledger.weights.preserve([logged, unlogged, Ledger.sha256("nowhere")])
        #expect(try await ledger.weights.touch([logged, unlogged], in: .logged).isEmpty)
        try await loseChunks(ledger)
        #expect(try await ledger.weights.chunk(unlogged) == Array("unlogged".utf8))
    }

    @Test("a version is durable once all its chunks are logged, and not before")
    func durable() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        #expect(try await ledger.weights.newestDurable(of: ledger.run)?.number == 0)
        try await ledger.train(session, steps: 1)
        let version = try #require(try await ledger.weights.head(of: ledger.run))
        #expect(!version.isDurable)

        var chunks = try await ledger.weights.chunks(of: version.id)
        for role in [ChunkRole.moment1, .moment2] {
            let digest = try await put("\(role)", .unlogged, in: ledger)
            chunks.append(ChunkReference(role: role, ordinal: 0, digest: digest))
        }
        await #expect(throws: StoreError.chunksMissing(count: 2)) {
            try await ledger.weights.makeDurable(version, chunks: chunks, under: ledger.aggregator)
        }
        #expect(try await ledger.weights.newestDurable(of: ledger.run)?.number == 0)

        try await ledger.weights.preserve(chunks.map(\.digest))
        #expect(try await ledger.weights.makeDurable(version, chunks: chunks, under: ledger.aggregator))
        #expect(try await ledger.weights.newestDurable(of: ledger.run)?.id == version.id)
        #expect(try await ledger.weights.chunks(of: version.id, roles: [.moment1, .moment2]).count == 2)
        #expect(try await EventStore(ledger.database).list(of: ledger.run).first?.kind == "version_durable")
        // Repeating it, say after a lost reply, is harmless.
        #expect(try await ledger.weights.makeDurable(version, chunks: chunks, under: ledger.aggregator))
    }

    @Test("making a lost head durable ends the restoration and wakes the workers")
    func restored() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 1)
        let version = try #require(try await ledger.weights.head(of: ledger.run))
        try await ledger.database.execute("UPDATE stillhouse.run_head SET restoring_since = clock_timestamp()")
        #expect(try await ledger.jobs.claim(for: session).isEmpty)
        let chunks = try await ledger.weights.chunks(of: version.id)
        #expect(try await ledger.weights.makeDurable(version, chunks: chunks, under: ledger.aggregator))
        #expect(try await ledger.runs.head(of: ledger.run)?.restoringSince == nil)
        #expect(try await EventStore(ledger.database).list(of: ledger.run).first?.kind == "head_restored")
        #expect(try await ledger.jobs.claim(for: session).count == 1)
    }

    @Test("a gradient without its parts is broken only where the ledger still needs them and no crash explains it")
    func broken() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let submitted = try #require(try await ledger.gradients.manifests(of: ledger.run, step: 0).first)
        #expect(try await ledger.gradients.isBroken(submitted))
        try await ledger.database.execute("DELETE FROM stillhouse.sentinel")
        #expect(try await ledger.gradients.isBroken(submitted) == false, "a crash is yet to be repaired")
        try await ledger.database.execute("INSERT INTO stillhouse.sentinel (epoch) VALUES (1)")

        #expect(try await ledger.publish())
        let version = try #require(try await ledger.weights.head(of: ledger.run))
        let applied = try #require(try await ledger.gradients.members(of: version.id).first)
        #expect(try await ledger.gradients.isBroken(applied))
        try await ledger.database.execute("UPDATE stillhouse.run_head SET restoring_since = clock_timestamp()")
        #expect(try await ledger.gradients.isBroken(applied) == false, "a crash took it, and the head with it")
        try await ledger.database.execute("UPDATE stillhouse.run_head SET restoring_since = NULL")
        try await ledger.checkpoint(1)
        #expect(try await ledger.gradients.isBroken(applied) == false, "nobody needs it any more")
    }

    @Test("a version that the run has gone back behind cannot become durable")
    func rewound() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 1)
        let version = try #require(try await ledger.weights.head(of: ledger.run))
        try await ledger.database.execute("UPDATE stillhouse.version SET state = 'lost' WHERE number = 1")
        let chunks = try await ledger.weights.chunks(of: version.id)
        #expect(try await ledger.weights.makeDurable(version, chunks: chunks, under: ledger.aggregator) == false)
    }

    @Test("a draft whose chunks a crash has taken cannot become the head, nor can any while one is being repaired")
    func draft() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let before = try await ledger.runs.head(of: ledger.run)
        let draft = try await ledger.draft()
        for damage in [
            "DELETE FROM stillhouse.weights_chunk WHERE digest = sha256('student 1')",
            "DELETE FROM stillhouse.sentinel",
            "UPDATE stillhouse.run_head SET restoring_since = clock_timestamp()",
        ] {
            try await ledger.database.transaction { transaction in
                try transaction.script(damage)
            }
            #expect(
                try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator) == false
            )
            _ = try await put("student 1", .unlogged, in: ledger)
            try await ledger.database.execute(
                "INSERT INTO stillhouse.sentinel (epoch) VALUES (1) ON CONFLICT DO NOTHING"
            )
            #expect(try await ledger.runs.head(of: ledger.run)?.version == before?.version)
        }
        try await ledger.database.execute("UPDATE stillhouse.run_head SET restoring_since = NULL")
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator))
    }
}
