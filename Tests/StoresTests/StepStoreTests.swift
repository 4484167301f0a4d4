import Postgres
import Stores
import TestSupport
import Testing

@Suite("Planning", .temporaryDatabase(.migrated))
struct StepStoreTests {
    @Test("planning opens the step that is due and leaves later ones planned")
    func plan() async throws {
        let ledger = try await Ledger(plannedSteps: 0)
        #expect(try await ledger.steps.open(of: ledger.run) == nil)
        #expect(try await ledger.steps.plan(Ledger.plan(0..<2), of: ledger.run, under: ledger.coordinator) == 2)
        #expect(try await ledger.steps.plannedCount(of: ledger.run) == 2)
        #expect(try await ledger.jobs.counts(of: ledger.run) == [.available: 2, .planned: 2])
        let open = try #require(try await ledger.steps.open(of: ledger.run))
        #expect(open.step == 0 && open.epoch == 0 && open.samples == 8 && open.jobCount == 2)
        #expect(!open.isComplete)
    }

    @Test("planning a step again, or four times at once, adds it once")
    func planTwice() async throws {
        let ledger = try await Ledger(plannedSteps: 0)
        let server = try TemporaryDatabase.current
        let (run, term) = (ledger.run, ledger.coordinator)
        let added = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { try await StepStore(server.database()).plan(Ledger.plan(0..<4), of: run, under: term) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(added.sorted() == [0, 0, 0, 4])
        #expect(try await ledger.jobs.counts(of: ledger.run) == [.available: 2, .planned: 6])
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("a step that is planned after its turn has come is opened at once")
    func planLate() async throws {
        let ledger = try await Ledger(plannedSteps: 1)
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 1)
        #expect(try await ledger.steps.open(of: ledger.run) == nil)
        try await ledger.steps.plan(Ledger.plan(1..<2), of: ledger.run, under: ledger.coordinator)
        let job = try await ledger.claim(session)
        #expect(job.arguments.step == 1)
        #expect(job.baseNumber == 1)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("when publication and planning meet, the step that is due is opened once")
    func planBesidePublication() async throws {
        let ledger = try await Ledger(plannedSteps: 1)
        let session = try await ledger.openSession()
        for step in 1..<4 {
            try await ledger.completeStep(session)
            async let planned = ledger.steps.plan(
                Ledger.plan(step..<(step + 1)),
                of: ledger.run,
                under: ledger.coordinator
            )
            let other = try Ledger.beside(ledger)
            #expect(try await other.publish())
            #expect(try await planned == 1)
            #expect(try await ledger.jobs.counts(of: ledger.run)[.available] == 2)
            #expect(try await ledger.steps.open(of: ledger.run)?.step == step)
        }
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("planning waits for a publication in flight, as that decides which step is due")
    func planWaits() async throws {
        let ledger = try await Ledger(plannedSteps: 0)
        let publication = try TemporaryDatabase.current.database()
        try await publication.execute("BEGIN")
        try await publication.execute("UPDATE stillhouse.run_head SET samples_total = samples_total")
        let other = try Ledger.beside(ledger)
        async let planned = other.steps.plan(Ledger.plan(0..<1), of: ledger.run, under: other.coordinator)
        try await ledger.someoneWaits()
        try await publication.execute("COMMIT")
        #expect(try await planned == 1)
        await publication.close()
    }

    @Test("the open step counts what is submitted, cancelled and dead")
    func progress() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.finish(ledger.claim(session))
        #expect(try await ledger.steps.open(of: ledger.run)?.submittedCount == 1)
        let second = try await ledger.claim(session)
        try await ledger.database.execute("UPDATE stillhouse.setting SET error_limit = 1")
        _ = try await ledger.jobs.fail(second.token, error: "poison")
        #expect(try await ledger.steps.open(of: ledger.run)?.deadCount == 1)
        try await ledger.jobs.cancel(second.token.job, reason: "a test")
        let open = try #require(try await ledger.steps.open(of: ledger.run))
        #expect(open.cancelledCount == 1)
        #expect(open.isComplete)
    }
}
