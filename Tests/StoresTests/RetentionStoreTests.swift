import Postgres
import Stores
import TestSupport
import Testing

@Suite("Retention", .temporaryDatabase(.migrated))
struct RetentionStoreTests {
    @Test("all versions but the first and the last three are retired, and only their own chunks go")
    func versions() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 4)
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 1)
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 0)
        let states = try await ledger.weights.list(of: ledger.run).map(\.state)
        #expect(states == [.published, .retired, .published, .published, .published])

        #expect(try await ledger.retention.deleteChunks(under: ledger.coordinator) == 0, "touched within the hour")
        try await age(ledger)
        #expect(try await ledger.retention.deleteChunks(under: ledger.coordinator) == 1)
        #expect(try await ledger.weights.chunk(Ledger.sha256("student 1")) == nil)
        for kept in ["student 0", "student 2", "student 3", "student 4", "frozen"] {
            #expect(try await ledger.weights.chunk(Ledger.sha256(kept)) != nil, "\(kept)")
        }
        #expect(try await ledger.brokenInvariants(deep: true).isEmpty)
    }

    @Test("a chunk that is touched or stored again outlives retention")
    func touchedChunks() async throws {
        let ledger = try await Ledger()
        for name in ["a", "b", "c"] {
            try await ledger.weights.put(digest: Ledger.sha256(name), data: Array(name.utf8), in: .logged)
        }
        try await age(ledger)
        _ = try await ledger.weights.touch([Ledger.sha256("a")], in: .logged)
        try await ledger.weights.put(digest: Ledger.sha256("b"), data: Array("b".utf8), in: .logged)
        #expect(try await ledger.retention.deleteChunks(under: ledger.coordinator) == 1)
        #expect(try await ledger.weights.chunk(Ledger.sha256("c")) == nil)
        #expect(try await ledger.weights.chunk(Ledger.sha256("a")) != nil)
        #expect(try await ledger.weights.chunk(Ledger.sha256("b")) != nil)
    }

    @Test("a chunk that is being touched while it is looked at for deletion stays")
    func touchedDuringDeletion() async throws {
        let ledger = try await Ledger()
        try await ledger.weights.put(digest: Ledger.sha256("a"), data: Array("a".utf8), in: .logged)
        try await age(ledger)
        let aggregator = try Ledger.beside(ledger)
        try await aggregator.database.execute("BEGIN")
        #expect(try await aggregator.weights.touch([Ledger.sha256("a")], in: .logged).isEmpty)
        let collector = try Ledger.beside(ledger)
        async let deleted = collector.retention.deleteChunks(under: collector.coordinator)
        try await ledger.someoneWaits()
        try await aggregator.database.execute("COMMIT")
        #expect(try await deleted == 0)
        #expect(try await ledger.weights.chunk(Ledger.sha256("a")) != nil)
    }

    @Test("of chunks that no version names the oldest go before their grace is over, but twice the named ones stay")
    func surplus() async throws {
        let ledger = try await Ledger()
        let named = try await count("version_chunk")
        let names = (0..<2 * named + 3).map { "spare \($0)" }
        for name in names {
            try await ledger.weights.put(digest: Ledger.sha256(name), data: Array(name.utf8), in: .unlogged)
        }
        let most = names.count
        #expect(try await ledger.retention.deleteChunks(surplus: most, under: ledger.coordinator) == 0)
        #expect(try await ledger.retention.deleteChunks(surplus: 1, under: ledger.coordinator) == 3)
        #expect(try await ledger.retention.deleteChunks(surplus: 1, under: ledger.coordinator) == 0)
        for (index, name) in names.enumerated() {
            #expect((try await ledger.weights.chunk(Ledger.sha256(name)) == nil) == (index < 3), "\(name)")
        }
    }

    @Test("naming a chunk touches it, so that nobody who does not see the list yet deletes it as unnamed")
    func namedIsTouched() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let chunks = try await Ledger.store(["student 1", "frozen"], in: ledger.weights)
        try await age(ledger)
        _ = try await ledger.draft(naming: chunks)
        let stale = try await ledger.database.query(
            """
            SELECT count(*) AS n FROM stillhouse.weights
            WHERE digest = ANY (\(chunks.map(\.digest))) AND touched_at < clock_timestamp() - interval '1 hour'
            """
        )
        #expect(try stale[0].decode("n", as: Int.self) == 0)
    }

    @Test("chunks are deleted page by page")
    func pages() async throws {
        let ledger = try await Ledger()
        for name in 0..<5 {
            try await ledger.weights.put(digest: Ledger.sha256("\(name)"), data: [UInt8(name)], in: .logged)
        }
        try await age(ledger)
        #expect(try await ledger.retention.deleteChunks(limit: 3, under: ledger.coordinator) == 3)
        #expect(try await ledger.retention.deleteChunks(limit: 3, under: ledger.coordinator) == 2)
    }

    @Test("an old draft is abandoned, its chunks become free and it is never published")
    func drafts() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let draft = try await ledger.draft()
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 0)
        try await ledger.database.execute(
            "UPDATE stillhouse.version SET created_at = created_at - interval '1 day' WHERE state = 'draft'"
        )
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 1)
        #expect(try await ledger.weights.state(of: draft.id, under: ledger.aggregator) == .abandoned)
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator) == false)
        #expect(try await ledger.publish())
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("payloads go once a durable version covers them or their attempt is dead, and never before")
    func gradientParts() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        try await ledger.finish(jobs[0])
        try await ledger.upload(jobs[1])
        #expect(try await ledger.retention.deleteGradientParts(under: ledger.coordinator) == 0)
        try await ledger.jobs.release(jobs[1].token)
        #expect(try await ledger.retention.deleteGradientParts(under: ledger.coordinator) == 1)
        #expect(try await ledger.brokenInvariants().isEmpty)
        try await ledger.train(session, steps: 2)
        #expect(
            try await ledger.retention.deleteGradientParts(under: ledger.coordinator) == 0,
            "the versions could not be computed again"
        )
        try await ledger.checkpoint(1)
        #expect(try await ledger.retention.deleteGradientParts(ofAttempts: 1, under: ledger.coordinator) == 1)
        #expect(try await ledger.retention.deleteGradientParts(ofAttempts: 1, under: ledger.coordinator) == 1)
        #expect(
            try await ledger.retention.deleteGradientParts(under: ledger.coordinator) == 0,
            "those of version 2 stay"
        )
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("payloads of a fully durable run go from their own table")
    func fullyDurable() async throws {
        let ledger = try await Ledger()
        let full = try await Ledger(in: ledger.database, named: "full", durability: .full)
        try await full.train(full.openSession(), steps: 2)
        try await full.checkpoint(1)
        #expect(try await count("gradient_chunk") == 4)
        #expect(try await full.retention.deleteGradientParts(under: ledger.coordinator) == 2)
        #expect(try await count("gradient_chunk") == 2)
        #expect(try await count("gradient_chunk_unlogged") == 0)
    }

    @Test("the newest two durable versions are kept, however old; others lose their durability")
    func durableVersions() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 4)
        try await ledger.database.execute("UPDATE stillhouse.setting SET versions_kept = 1")
        for number in [1, 2, 3] { try await ledger.checkpoint(number) }
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 1)
        #expect(
            try await ledger.versionStates() == [
                "0 published durable", "1 retired", "2 published durable", "3 published durable", "4 published",
            ]
        )
        try await age(ledger)
        #expect(
            try await ledger.retention.deleteChunks(under: ledger.coordinator) == 3,
            "student and both moments of version 1"
        )
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("an older durable version that readers may still want keeps its weights and loses its moments")
    func lightened() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 4)
        for number in [2, 3, 4] { try await ledger.checkpoint(number) }
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 1)
        #expect(
            try await ledger.versionStates() == [
                "0 published durable", "1 retired", "2 published", "3 published durable", "4 published durable",
            ]
        )
        let version = try #require(try await ledger.weights.version(number: 2, of: ledger.run))
        #expect(try await ledger.weights.chunks(of: version.id).map(\.role) == [.student, .frozen])
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("each table of chunks has its own grace, and an unlogged chunk goes once it is logged as well")
    func bothTables() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 2)
        try await ledger.unlog(1, 2)
        try await ledger.checkpoint(2)
        try await ledger.database.execute(
            """
            INSERT INTO stillhouse.weights_chunk_unlogged (digest, data)
            SELECT sha256(name::bytea), name::bytea FROM unnest(ARRAY['old', 'young']) AS name
            """
        )
        #expect(try await ledger.retention.deleteChunks(under: ledger.coordinator) == 0)
        try await age(ledger)
        try await ledger.database.execute(
            """
            UPDATE stillhouse.weights_chunk_unlogged SET touched_at = clock_timestamp()
            WHERE digest = sha256('young')
            """
        )
        #expect(try await ledger.retention.deleteChunks(under: ledger.coordinator) == 2, "the old one, and version 2's")
        #expect(try await count("weights_chunk_unlogged") == 2)
        #expect(try await ledger.weights.chunk(Ledger.sha256("student 2")) != nil)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("payloads of a cancelled run go, submitted or not")
    func cancelledRun() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.finish(ledger.claim(session))
        try await ledger.runs.cancel(ledger.run, reason: "a test")
        #expect(try await ledger.retention.deleteGradientParts(under: ledger.coordinator) == 1)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("attempts, sessions and events go after a fortnight; what counts stays")
    func history() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        #expect(try await ledger.retention.deleteHistory(under: ledger.coordinator) == 0)
        try await ledger.database.execute("UPDATE stillhouse.job_attempt SET ended_at = ended_at - interval '15 days'")
        try await ledger.database.execute("UPDATE stillhouse.event SET at = at - interval '15 days'")
        try await ledger.database.execute(
            "UPDATE stillhouse.worker_session SET last_seen = last_seen - interval '15 days'"
        )
        // Four attempts; a creation, two new leaders and two publications; a session.
        #expect(try await ledger.retention.deleteHistory(under: ledger.coordinator) == 10)
        #expect(try await ledger.weights.list(of: ledger.run).count == 3)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test(
        "what is deleted is made free without pauses, wherever payloads lie",
        arguments: ["weights_chunk", "weights_chunk_unlogged", "gradient_chunk", "gradient_chunk_unlogged"]
    )
    func vacuum(table: String) async throws {
        let database = try TemporaryDatabase.current.database()
        let rows = try await database.query(
            """
            SELECT coalesce(array_to_string(t.reloptions, ' '), '') AS options
            FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid
            WHERE c.oid = \("stillhouse.\(table)")::regclass
            """
        )
        let options = try rows[0].decode("options", as: String.self)
        #expect(options.contains("autovacuum_vacuum_cost_delay=0"))
        #expect(options.contains("autovacuum_vacuum_scale_factor=0"))
    }

    private func age(_ ledger: Ledger) async throws {
        for table in ["weights_chunk", "weights_chunk_unlogged"] {
            try await ledger.database.execute(
                "UPDATE stillhouse.\(unescaped: table) SET touched_at = touched_at - interval '1 day'"
            )
        }
    }

    private func count(_ table: String) async throws -> Int {
        let database = try TemporaryDatabase.current.database()
        return try await database.query("SELECT count(*) AS n FROM stillhouse.\(unescaped: table)")[0].decode("n")
    }
}
