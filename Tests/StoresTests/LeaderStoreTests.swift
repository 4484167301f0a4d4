import Foundation
import Postgres
import Stores
import TestSupport
import Testing

@Suite("Leases", .temporaryDatabase(.migrated))
struct LeaderStoreTests {
    let database: Database
    let leaders: LeaderStore

    init() throws {
        database = try TemporaryDatabase.current.database()
        leaders = LeaderStore(database)
    }

    @Test("the first leader has term 1, is shown with its host, and its start is an event")
    func first() async throws {
        let term = try #require(try await leaders.acquire(.coordinator, session: SessionID(), host: "here"))
        #expect(term.name == .coordinator && term.number == 1)
        let leader = try #require(try await leaders.list().first)
        #expect(leader.name == .coordinator && leader.term == 1 && leader.host == "here" && leader.isLeading)
        let event = try #require(try await EventStore(database).list().first)
        #expect(event.kind == "leader_changed")
        for part in ["coordinator", "1", "here"] { #expect(event.detail.contains("\"\(part)\""), "\(event.detail)") }
    }

    @Test("while a lease runs nobody else gets it; once it has run out the next term begins")
    func takeover() async throws {
        let old = try #require(try await leaders.acquire(.coordinator, session: SessionID(), host: "old"))
        #expect(try await leaders.acquire(.coordinator, session: SessionID(), host: "new") == nil)
        #expect(try await leaders.renew(old))
        #expect(try await leaders.acquire(.coordinator, session: SessionID(), host: "new") == nil)
        try await expire()
        #expect(try await leaders.list().first?.isLeading == false)
        let new = try #require(try await leaders.acquire(.coordinator, session: SessionID(), host: "new"))
        #expect(new.number == old.number + 1)
        #expect(try await leaders.renew(old) == false)
        #expect(try await leaders.resign(old) == false)
        #expect(try await leaders.list().first?.isLeading == true)
        #expect(try await leaders.renew(new))
    }

    @Test("a leader whose lease ran out unnoticed may renew it, as its term still stands")
    func lateRenewal() async throws {
        let term = try #require(try await leaders.acquire(.coordinator, session: SessionID(), host: "here"))
        try await expire()
        #expect(try await leaders.renew(term))
        #expect(try await leaders.acquire(.coordinator, session: SessionID(), host: "there") == nil)
    }

    @Test("asking again with the same session, as after a lost reply, gives the same term and no second event")
    func lostReply() async throws {
        let session = SessionID()
        let term = try #require(try await leaders.acquire(.coordinator, session: session, host: "here"))
        #expect(try await leaders.acquire(.coordinator, session: session, host: "here") == term)
        #expect(try await EventStore(database).list().count == 1)
    }

    @Test("who resigns is succeeded at once, and terms grow over resignations and expiries alike")
    func termsGrow() async throws {
        for number in 1...6 {
            let term = try #require(try await leaders.acquire(.coordinator, session: SessionID(), host: "here"))
            #expect(term.number == number)
            if number.isMultiple(of: 2) { try await expire() } else { #expect(try await leaders.resign(term)) }
        }
    }

    @Test("of many that ask at once one leads", arguments: [false, true])
    func contenders(isVacant: Bool) async throws {
        if !isVacant {
            _ = try await leaders.acquire(.coordinator, session: SessionID(), host: "old")
            try await expire()
        }
        let server = try TemporaryDatabase.current
        let terms = try await withThrowingTaskGroup(of: Term?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await LeaderStore(server.database()).acquire(.coordinator, session: SessionID(), host: "new")
                }
            }
            return try await group.reduce(into: [Term]()) { terms, term in if let term { terms.append(term) } }
        }
        #expect(terms.map(\.number) == [isVacant ? 1 : 2])
    }

    @Test("names are led apart from each other")
    func names() async throws {
        let (one, two) = (RunID(rawValue: 1), RunID(rawValue: 2))
        for name in [LeaderName.coordinator, .aggregator(of: one), .aggregator(of: two)] {
            #expect(try await leaders.acquire(name, session: SessionID(), host: "here")?.number == 1)
        }
        #expect(LeaderName.aggregator(of: two).run == two)
        #expect(LeaderName.coordinator.run == nil)
        #expect(try await leaders.list().map(\.name.rawValue) == ["aggregator:1", "aggregator:2", "coordinator"])
    }

    @Test("a deposed leader changes nothing: every transaction of it is undone")
    func fence() async throws {
        let ledger = try await Ledger(plannedSteps: 2)
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let draft = try await ledger.draft()
        try await expire()
        for name in [ledger.coordinator.name, ledger.aggregator.name] {
            #expect(try await leaders.acquire(name, session: SessionID(), host: "new")?.number == 2)
        }
        let head = try await ledger.runs.head(of: ledger.run)
        let attempts: [(LeaderName, () async throws -> Void)] = [
            (
                .coordinator,
                { _ = try await ledger.steps.plan(Ledger.plan(2..<4), of: ledger.run, under: ledger.coordinator) }
            ),
            (.coordinator, { _ = try await ledger.jobs.rescue(under: ledger.coordinator) }),
            (.coordinator, { try await ledger.jobs.tuneDeadline(of: ledger.run, under: ledger.coordinator) }),
            (.coordinator, { try await ledger.retention.closeVersions(under: ledger.coordinator) }),
            (.coordinator, { try await ledger.retention.deleteChunks(under: ledger.coordinator) }),
            (.coordinator, { try await ledger.retention.deleteGradientParts(under: ledger.coordinator) }),
            (.coordinator, { try await ledger.retention.deleteArtifactParts(under: ledger.coordinator) }),
            (
                ledger.aggregator.name,
                { _ = try await ledger.steps.closeEmbedPhase(of: ledger.run, step: 0, under: ledger.aggregator) }
            ),
            (.coordinator, { try await ledger.retention.deleteHistory(under: ledger.coordinator) }),
            (ledger.aggregator.name, { _ = try await ledger.draft() }),
            (ledger.aggregator.name, { _ = try await ledger.weights.state(of: draft.id, under: ledger.aggregator) }),
            (
                ledger.aggregator.name,
                { try await ledger.runs.block(ledger.run, reason: "late", under: ledger.aggregator) }
            ),
            (
                ledger.aggregator.name,
                {
                    _ = try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator)
                }
            ),
        ]
        for (name, attempt) in attempts {
            await #expect(throws: StoreError.leadershipLost(name: name)) { try await attempt() }
        }
        #expect(try await ledger.runs.head(of: ledger.run) == head)
        #expect(try await ledger.steps.plannedCount(of: ledger.run) == 2)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("a draft belongs to one term; the next leader, even in the same process, makes its own")
    func foreignDraft() async throws {
        let ledger = try await Ledger()
        try await ledger.completeStep(ledger.openSession())
        let draft = try await ledger.draft()
        try await expire()
        let next = try #require(
            try await leaders.acquire(ledger.aggregator.name, session: SessionID(), host: "here")
        )
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: next) == false)
        #expect(try await ledger.weights.state(of: draft.id, under: next) == .draft)
        #expect(try await ledger.runs.head(of: ledger.run)?.number == 0)
    }

    @Test("versions bear the term under which they were made, and start weights bear none")
    func versionTerms() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 1)
        #expect(try await ledger.weights.list(of: ledger.run).map(\.term) == [0, 1])
    }

    @Test("a transaction under a term holds off takeover until it ends, and keeps no renewal waiting")
    func takeoverWaits() async throws {
        let term = try #require(try await leaders.acquire(.coordinator, session: SessionID(), host: "here"))
        let busy = try TemporaryDatabase.current.database()
        try await busy.execute("BEGIN")
        #expect(try await hold(term, in: busy))
        #expect(try await leaders.renew(term))
        try await expire()
        let rival = LeaderStore(try TemporaryDatabase.current.database())
        async let taken = rival.acquire(.coordinator, session: SessionID(), host: "there")
        try await someoneWaits()
        #expect(try await hold(term, in: busy), "the term stands while the transaction is open")
        try await busy.execute("COMMIT")
        #expect(try await taken?.number == 2)
        #expect(try await !hold(term, in: busy))
        await busy.close()
    }

    /// The statement of `Term.hold`, outside of any store.
    @Test("who freezes in a transaction under a term loses its session, and the locks with it, when a lease has passed")
    func frozen() async throws {
        let term = try #require(try await leaders.acquire(.coordinator, session: SessionID(), host: "frozen"))
        try await database.execute(
            "UPDATE stillhouse.setting SET leader_renewal_s = 0.1, leader_stop_s = 0.2, leader_ttl_s = 0.3"
        )
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { transaction in
                try term.hold(in: transaction)
                usleep(1_500_000)
                try transaction.execute("SELECT 1")
            }
        }
        #expect(error?.category == .connectionLoss)
    }

    private func hold(_ term: Term, in database: Database) async throws -> Bool {
        try await database.execute(
            """
            SELECT FROM stillhouse.leader
            WHERE (name, term, session) = (\(term.name), \(term.number), \(term.session)) FOR KEY SHARE
            """
        ) == 1
    }

    private func expire() async throws {
        try await database.execute("UPDATE stillhouse.leader SET expires_at = clock_timestamp() - interval '1 second'")
    }

    private func someoneWaits() async throws {
        try await eventually("some session waits for another's lock") {
            let rows = try await database.query(
                """
                SELECT count(*) AS n FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            )
            return try rows.first?.decode("n", as: Int.self) ?? 0 > 0
        }
    }
}
