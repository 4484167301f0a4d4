import Postgres
import Stores
import TestSupport
import Testing

/// Crashes are real: each test has a PostgreSQL of its own and kills it.
@Suite("Reconciliation")
struct ReconciliationTests {
    @Test("a crash of the database is noticed, the ledger repaired, and the lost history computed again")
    func crash() async throws {
        let server = try await CrashableServer()
        defer { server.remove() }
        var database = server.database()

        // Version 1 outlives the crash; 2 and the head, 3, do not. In the open step one result is in, one is running.
        var ahead = try await Ledger(in: database, named: "ahead")
        let session = try await ahead.openSession()
        try await ahead.train(session, steps: 3)
        let lostHead = try #require(try await ahead.weights.head(of: ahead.run))
        try await ahead.checkpoint(1)
        try await ahead.unlog(2, 3)
        let open = try await ahead.jobs.claim(for: session, limit: 2)
        try await ahead.finish(open[0])
        try await ahead.upload(open[1])

        // At its start, with a complete step and a draft.
        var fresh = try await Ledger(in: database, named: "fresh")
        let second = try await fresh.openSession()
        try await fresh.completeStep(second)
        let draft = try await fresh.draft()

        // Logged throughout.
        var full = try await Ledger(in: database, named: "full", durability: .full)
        let third = try await full.openSession()
        try await full.train(third, steps: 1)
        let kept = try await full.claim(third)
        try await full.finish(kept)
        for ledger in [ahead, fresh, full] { #expect(try await ledger.brokenInvariants(deep: true) == []) }

        try await server.crash()
        await database.close()
        database = server.database()
        ahead = Ledger(
            database: database,
            run: ahead.run,
            coordinator: ahead.coordinator,
            aggregator: ahead.aggregator
        )
        fresh = Ledger(
            database: database,
            run: fresh.run,
            coordinator: fresh.coordinator,
            aggregator: fresh.aggregator
        )
        full = Ledger(
            database: database,
            run: full.run,
            coordinator: full.coordinator,
            aggregator: full.aggregator
        )

        // Before anybody has looked: nothing is handed out, nobody judged, and `verify` says what is wrong.
        #expect(try await fresh.jobs.claim(for: second).isEmpty)
        #expect(try await full.jobs.claim(for: third).isEmpty)
        #expect(try await full.jobs.rescue(under: full.coordinator) == JobStore.Rescue(count: 0, isSettling: true))
        #expect(try await ahead.brokenInvariants().map(\.number).contains(18))

        let report = try #require(try await ahead.recovery.reconcile(under: ahead.coordinator))
        #expect(
            report
                == CrashReport(
                    epoch: 2,
                    losses: [
                        CrashLoss(
                            run: ahead.run,
                            name: "ahead",
                            lostGradientCount: 1,
                            retiredVersionCount: 1,
                            isRestoring: true,
                            headNumber: 3,
                            durableNumber: 1
                        ),
                        CrashLoss(
                            run: fresh.run,
                            name: "fresh",
                            lostGradientCount: 2,
                            abandonedDraftCount: 1,
                            headNumber: 0,
                            durableNumber: 0
                        ),
                    ]
                )
        )
        #expect(try await ahead.recovery.reconcile(under: ahead.coordinator) == nil, "once is enough")
        #expect(try await ahead.brokenInvariants(deep: true) == [])

        // What was complete is whole again after the same work; what was logged is untouched.
        #expect(try await fresh.weights.state(of: draft.id, under: fresh.aggregator) == .abandoned)
        #expect(try await fresh.event("database_crashed")?.contains(#""lost_gradients": "2""#) == true)
        #expect(try await fresh.gradientCounts() == ["lost": 2])
        let again = try await fresh.claim(second)
        #expect(again.token.attempt == 2)
        #expect(try await fresh.jobs.job(again.token.job)?.rescues == 0)
        #expect(try await fresh.jobs.job(again.token.job)?.errors == 0)
        #expect(try await full.state(of: kept) == .submitted)
        #expect(try await full.event("database_crashed") == nil)
        try await full.train(third, steps: 3)

        // Nothing is handed out of a run without a head. A worker that was computing hands in what it has, in full.
        #expect(
            try await ahead.versionStates() == [
                "0 published durable", "1 published durable", "2 retired", "3 published",
            ]
        )
        #expect(try await ahead.head().restoringSince != nil)
        #expect(try await ahead.jobs.claim(for: session).isEmpty)
        await #expect(throws: StoreError.partsMissing(job: open[1].token.job, attempt: 1)) {
            try await ahead.gradients.submit(open[1].token, ahead.submission(of: open[1]))
        }
        #expect(try await ahead.finish(open[1]) == .ok)

        // Nobody brings the head back in time.
        try await database.execute("UPDATE stillhouse.setting SET restore_patience_s = 0")
        let rewind = try #require(try await ahead.recovery.rewindIfOverdue(ahead.run, under: ahead.coordinator))
        #expect((rewind.from, rewind.to, rewind.voidGradientCount, rewind.lostGradientCount) == (3, 1, 4, 1))
        try await ahead.train(session, steps: 2)
        #expect(try await ahead.weights.head(of: ahead.run)?.update == lostHead.update, "bit for bit")
        try await ahead.train(session, steps: 1)
        #expect(try await ahead.verifier.firstDifference(between: ahead.run, and: full.run) == nil)
        for ledger in [ahead, fresh, full] { #expect(try await ledger.brokenInvariants(deep: true) == []) }
    }

    @Test("the death of one backend empties the payloads too, although the server keeps running")
    func backend() async throws {
        let server = try await CrashableServer()
        defer { server.remove() }
        let before = try await Ledger(in: server.database())
        let session = try await before.openSession()
        try await before.train(session, steps: 1)
        try await before.checkpoint(1)
        try await server.crashBackend()
        let ledger = Ledger(
            database: server.database(),
            run: before.run,
            coordinator: before.coordinator,
            aggregator: before.aggregator
        )
        #expect(try await ledger.jobs.claim(for: session).isEmpty)
        #expect(try await ledger.recovery.reconcile(under: ledger.coordinator) == CrashReport(epoch: 2, losses: []))
        #expect(try await EventStore(ledger.database).list().first?.kind == "database_crashed")
        try await ledger.train(session, steps: 3)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("of two coordinators that notice a crash one repairs it", .temporaryDatabase(.migrated))
    func race() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 1)
        try await ledger.database.execute("DELETE FROM stillhouse.sentinel")
        try await ledger.database.execute("DELETE FROM stillhouse.gradient_chunk_unlogged")
        let other = try Ledger.beside(ledger)
        async let one = ledger.recovery.reconcile(under: ledger.coordinator)
        async let two = other.recovery.reconcile(under: other.coordinator)
        let reports = try await [one, two].compactMap { $0 }
        #expect(reports.map(\.epoch) == [2])
        #expect(reports.first?.losses.map(\.isRestoring) == [true])
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test(
        "what a cancelled run had submitted stays as it was, since nobody will apply it",
        .temporaryDatabase(.migrated)
    )
    func cancelled() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.finish(ledger.claim(session))
        try await ledger.runs.cancel(ledger.run, reason: "a test")
        try await ledger.database.execute("DELETE FROM stillhouse.sentinel")
        try await ledger.database.execute("DELETE FROM stillhouse.gradient_chunk_unlogged")
        #expect(try await ledger.recovery.reconcile(under: ledger.coordinator)?.losses == [])
        #expect(try await ledger.gradientCounts() == ["submitted": 1])
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("nobody is judged for the settling time after a repair, nor before it", .temporaryDatabase(.migrated))
    func settling() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        _ = try await ledger.claim(session)
        try await ledger.silence(session)
        try await ledger.database.execute("DELETE FROM stillhouse.sentinel")
        #expect(try await ledger.jobs.rescue(under: ledger.coordinator) == JobStore.Rescue(count: 0, isSettling: true))
        _ = try await ledger.recovery.reconcile(under: ledger.coordinator)
        // The server has run for a while, but not as long as the settling time since the repair.
        try await ledger.database.execute(
            "UPDATE stillhouse.sentinel SET installed_at = clock_timestamp() + interval '1 hour'"
        )
        #expect(try await ledger.jobs.rescue(under: ledger.coordinator) == JobStore.Rescue(count: 0, isSettling: true))
        try await ledger.database.execute("UPDATE stillhouse.sentinel SET installed_at = clock_timestamp()")
        #expect(try await ledger.jobs.rescue(under: ledger.coordinator) == JobStore.Rescue(count: 1))
    }
}
