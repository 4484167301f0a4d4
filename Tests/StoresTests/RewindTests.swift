import Postgres
import Stores
import TestSupport
import Testing

@Suite("Rewind", .temporaryDatabase(.migrated))
struct RewindTests {
    @Test("a run goes back to its newest durable version, and computes the same history again")
    func newestDurable() async throws {
        let calm = try await Ledger()
        try await calm.train(calm.openSession(), steps: 4)
        let ledger = try await Ledger(in: calm.database, named: "rewound")
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 3)
        try await ledger.checkpoint(1)
        let open = try await ledger.jobs.claim(for: session, limit: 2)
        try await ledger.finish(open[0])

        let rewind = try #require(try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil))
        #expect(
            rewind
                == Rewind(from: 3, to: 1, voidGradientCount: 4, lostGradientCount: 1, revokedJobCount: 1)
        )
        #expect(rewind.lostVersionCount == 2)
        let head = try await ledger.head()
        #expect(head.number == 1)
        #expect(head.samplesTotal == 8)
        #expect(head.state == .active)
        #expect(try await ledger.versionStates() == ["0 published durable", "1 published durable", "2 lost", "3 lost"])
        #expect(try await ledger.gradientCounts() == ["applied": 2, "void": 4, "lost": 1])
        #expect(try await ledger.jobs.counts(of: ledger.run) == [.applied: 2, .available: 2, .planned: 4])
        #expect(try await ledger.steps.open(of: ledger.run)?.step == 1)
        #expect(try await MetricStore(ledger.database).list(of: ledger.run).map(\.number) == [1])
        #expect(try await ledger.event("run_rewound")?.contains(#""to": "1""#) == true)
        #expect(try await ledger.brokenInvariants(deep: true) == [])

        // Whoever still computes for the future that was given up is fenced, and learns it.
        #expect(try await ledger.finish(open[1]) == .fenced)
        let reply = try #require(try await ledger.workers.beat(session, Beat(held: [open[1].token])))
        #expect(reply.revoked == [open[1].token])
        #expect(try await ledger.gradients.submit(open[0].token, ledger.submission(of: open[0])) == .already)

        let again = try await ledger.claim(session)
        #expect(again.arguments.step == 1)
        #expect(again.token.attempt == 2)
        try await ledger.finish(again)
        try await ledger.train(session, steps: 3)
        #expect(try await ledger.head().state == .finished)
        #expect(try await calm.verifier.firstDifference(between: calm.run, and: ledger.run) == nil)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("an operator goes back further, and every version in between is lost, durable or not")
    func toNumber() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 4)
        for number in [1, 3] { try await ledger.checkpoint(number) }
        #expect(try await ledger.head().state == .finished)
        let rewind = try #require(try await ledger.recovery.rewind(ledger.run, to: 2, reason: "a test", under: nil))
        #expect((rewind.from, rewind.to) == (4, 1))
        #expect(try await ledger.head().state == .active, "a finished run has work again")
        #expect(
            try await ledger.versionStates()
                == ["0 published durable", "1 published durable", "2 lost", "3 lost", "4 lost"]
        )
        #expect(try await ledger.recovery.rewind(ledger.run, to: 0, reason: "a test", under: nil)?.to == 0)
        #expect(try await ledger.head().samplesTotal == 0)
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("nothing happens when the head is durable, and a preview changes nothing")
    func nothing() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 2)
        let preview = try #require(try await ledger.recovery.previewRewind(ledger.run))
        #expect((preview.from, preview.to, preview.voidGradientCount) == (2, 0, 4))
        #expect(try await ledger.head().number == 2)
        #expect(try await ledger.event("run_rewound") == nil)
        try await ledger.checkpoint(2)
        #expect(try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil) == nil)
        #expect(try await ledger.head().number == 2)
        #expect(try await ledger.event("run_rewound") == nil)
    }

    @Test("a run without a durable version at or below the number is left alone")
    func refused() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 2)
        try await ledger.checkpoint(2)
        try await ledger.database.execute("UPDATE stillhouse.version SET durable = false WHERE number = 0")
        await #expect(throws: StoreError.durableVersionMissing(run: ledger.run, number: 1)) {
            try await ledger.recovery.rewind(ledger.run, to: 1, reason: "a test", under: nil)
        }
        #expect(try await ledger.head().number == 2)
    }

    @Test("a blocked run stays blocked, and its dead job gets one more try when its step comes again")
    func blocked() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 1)
        try await ledger.database.execute("UPDATE stillhouse.setting SET error_limit = 1")
        let dead = try await ledger.claim(session)
        try await ledger.jobs.fail(dead.token, error: "broken")
        #expect(try await ledger.state(of: dead) == .dead)

        try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil)
        #expect(try await ledger.head().state == .blocked)
        #expect(try await ledger.state(of: dead) == .planned)
        #expect(try await ledger.jobs.job(dead.token.job)?.errors == 1)
        #expect(try await ledger.brokenInvariants() == [])
        #expect(try await ledger.runs.resume(ledger.run))
        try await ledger.train(session, steps: 2)
        #expect(try await ledger.state(of: dead) == .applied)
    }

    @Test("jobs that were cancelled stay out of their step, which opens again without them")
    func cancelledJob() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let cancelled = try await ledger.claim(session)
        try await ledger.jobs.cancel(cancelled.token.job, reason: "a test")
        try await ledger.train(session, steps: 2)
        let lost = try #require(try await ledger.weights.head(of: ledger.run)).update.chainDigest
        try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil)
        #expect(try await ledger.state(of: cancelled) == .cancelled)
        try await ledger.train(session, steps: 2)
        #expect(try await ledger.weights.head(of: ledger.run)?.update.chainDigest == lost)
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("a cancelled run goes back without any work being handed out")
    func cancelledRun() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 1)
        try await ledger.finish(ledger.claim(session))
        try await ledger.runs.cancel(ledger.run, reason: "a test")
        #expect(try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil)?.lostGradientCount == 1)
        #expect(try await ledger.head().state == .cancelled)
        #expect(try await ledger.jobs.counts(of: ledger.run) == [.cancelled: 8])
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("a run whose plan has run dry goes back, and is planned on from where it was")
    func dryPlan() async throws {
        let ledger = try await Ledger(plannedSteps: 2)
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        #expect(try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil)?.from == 2)
        try await ledger.steps.plan(Ledger.plan(2..<4), of: ledger.run, under: ledger.coordinator)
        try await ledger.train(session, steps: 4)
        #expect(try await ledger.head().state == .finished)
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("a draft of the future that was given up is never published")
    func draft() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 1)
        try await ledger.completeStep(session)
        let draft = try await ledger.draft()
        try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil)
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator) == false)
        #expect(try await ledger.weights.state(of: draft.id, under: ledger.aggregator) == .abandoned)
        #expect(try await ledger.weights.chunks(of: draft.id).isEmpty)
        #expect(try await ledger.head().number == 0)
    }

    @Test(
        "when the ledger holds other rows than it must, a rewind changes nothing",
        arguments: [
            "DELETE FROM stillhouse.version_member WHERE ordinal = 0",
            "DELETE FROM stillhouse.job WHERE step = 0 AND ordinal = 0",
            "UPDATE stillhouse.step SET state = 'planned' WHERE step = 0",
            "UPDATE stillhouse.version SET state = 'abandoned' WHERE number = 1",
        ]
    )
    func inconsistent(damage: String) async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 2)
        try await TemporaryDatabase.current.connection().script(damage)
        let before = try await ledger.versionStates()
        await #expect(throws: StoreError.self) {
            try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil)
        }
        #expect(try await ledger.head().number == 2)
        #expect(try await ledger.versionStates() == before)
        #expect(try await ledger.event("run_rewound") == nil)
    }

    @Test("a lost head has its time before the run goes back, and none once it is restored")
    func overdue() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 2)
        #expect(
            try await ledger.recovery.rewindIfOverdue(ledger.run, under: ledger.coordinator) == nil,
            "it is not restoring"
        )
        try await ledger.database.execute("UPDATE stillhouse.run_head SET restoring_since = clock_timestamp()")
        #expect(
            try await ledger.recovery.rewindIfOverdue(ledger.run, under: ledger.coordinator) == nil,
            "there is time"
        )
        try await ledger.database.execute("UPDATE stillhouse.setting SET restore_patience_s = 0")
        #expect(try await ledger.recovery.rewindIfOverdue(ledger.run, under: ledger.coordinator)?.to == 0)
        #expect(try await ledger.head().restoringSince == nil)
        #expect(try await ledger.event("run_rewound")?.contains("in time") == true)
    }
}
