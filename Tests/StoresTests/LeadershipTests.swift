import Postgres
import Stores
import Synchronization
import TestSupport
import Testing

@Suite("Leadership", .temporaryDatabase(.migrated))
struct LeadershipTests {
    let database: Database
    let leaders: LeaderStore

    init() throws {
        database = try TemporaryDatabase.current.database()
        leaders = LeaderStore(database)
    }

    /// One that renews every fifty milliseconds, and beats nobody to a lease that was not given back.
    private func leadership(stop: Double = 1000) async throws -> Leadership {
        try await database.execute(
            """
            UPDATE stillhouse.setting
            SET leader_renewal_s = 0.05, leader_stop_s = \(stop), leader_ttl_s = \(stop + 1000)
            """
        )
        return Leadership(
            leaders: LeaderStore(
                Database(
                    try TemporaryDatabase.current.configuration,
                    logger: TemporaryDatabase.silentLogger,
                    name: "lease",
                    persistence: Database.Persistence(patience: .zero)
                )
            ),
            host: "here",
            settings: try await SettingStore(database).read(),
            logger: TemporaryDatabase.silentLogger
        )
    }

    private func expiry() async throws -> Double {
        let rows = try await database.query(
            "SELECT extract(epoch FROM expires_at)::float8 AS at FROM stillhouse.leader"
        )
        return try #require(rows.first).decode("at")
    }

    @Test("the work runs under a term that is renewed, and the lease is given back when it ends")
    func lead() async throws {
        let leadership = try await leadership()
        let outcome = try await leadership.lead(.coordinator) { term in
            #expect(term.number == 1)
            let first = try await expiry()
            try await eventually("the lease is renewed") { try await expiry() > first }
        }
        #expect(outcome == .ended)
        #expect(try await leaders.list().first?.isLeading == false)
        #expect(try await leaders.acquire(.coordinator, session: SessionID(), host: "there")?.number == 2)
    }

    @Test("while another leads, the work does not begin")
    func standby() async throws {
        let leadership = try await leadership()
        _ = try #require(try await leaders.acquire(.coordinator, session: SessionID(), host: "there"))
        let outcome = try await leadership.lead(.coordinator) { _ in Issue.record("two lead") }
        #expect(outcome == .standby)
        #expect(leadership.standbyPause < .milliseconds(50))
    }

    @Test("at the default settings lease and pause together stay below twenty seconds")
    func takeoverTime() async throws {
        let settings = try await SettingStore(database).read()
        let leadership = Leadership(
            leaders: leaders,
            host: "here",
            settings: settings,
            logger: TemporaryDatabase.silentLogger
        )
        let pauses = (0..<100).map { _ in leadership.standbyPause }
        #expect(pauses.allSatisfy { $0 > .zero && settings.leaderTimeToLive + $0 < .seconds(20) })
        #expect(Set(pauses).count > 1, "standbys that were started together look at different times")
    }

    @Test("when another takes over, the work is cancelled and the new lease is left alone")
    func takenOver() async throws {
        let leadership = try await leadership()
        let outcome = try await leadership.lead(.coordinator) { _ in
            try await database.execute("UPDATE stillhouse.leader SET term = term + 1, session = gen_random_uuid()")
            try await Task.sleep(for: .seconds(3600))
        }
        #expect(outcome == .lost)
        let leader = try #require(try await leaders.list().first)
        #expect(leader.term == 2 && leader.isLeading)
    }

    @Test("work that meets the fence ends the leadership without waiting for a renewal")
    func fenced() async throws {
        let leadership = try await leadership()
        let outcome = try await leadership.lead(.coordinator) { term in
            throw StoreError.leadershipLost(name: term.name)
        }
        #expect(outcome == .lost)
    }

    @Test("a leader that cannot renew stops by itself before its lease runs out, even if a renewal hangs")
    func localStop() async throws {
        let leadership = try await leadership(stop: 0.3)
        let blocker = try TemporaryDatabase.current.database()
        let outcome = try await leadership.lead(.coordinator) { _ in
            try await blocker.execute("BEGIN")
            try await blocker.execute("LOCK TABLE stillhouse.leader, stillhouse.setting IN ACCESS EXCLUSIVE MODE")
            try? await Task.sleep(for: .seconds(3600))
            _ = try? await Task { try await blocker.execute("COMMIT") }.value
        }
        #expect(outcome == .lost)
        await blocker.close()
    }

    @Test("a lost session costs a renewal, not the leadership")
    func lostSession() async throws {
        let leadership = try await leadership()
        let outcome = try await leadership.lead(.coordinator) { _ in
            for _ in 0..<3 {
                try await database.execute(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """
                )
                let before = try await expiry()
                try await eventually("the lease is renewed") { try await expiry() > before }
            }
        }
        #expect(outcome == .ended)
        #expect(try await leaders.list().first?.term == 1)
    }

    @Test("an error of the work is thrown, and the lease given back")
    func crash() async throws {
        struct Crash: Error {}
        let leadership = try await leadership()
        await #expect(throws: Crash.self) { try await leadership.lead(.coordinator) { _ in throw Crash() } }
        #expect(try await leaders.list().first?.isLeading == false)
    }

    @Test("a cancelled leader gives its lease back too")
    func cancelled() async throws {
        let leadership = try await leadership()
        let (started, begin) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await leadership.lead(.coordinator) { _ in
                begin.finish()
                try await Task.sleep(for: .seconds(3600))
            }
        }
        for await _ in started {}
        task.cancel()
        _ = try await task.value
        #expect(try await leaders.list().first?.isLeading == false)
    }

    @Test("of three that stand by for each other, one works at a time and each has its turn")
    func turns() async throws {
        let stage = Stage()
        let leadership = try await leadership()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    while try await leadership.lead(.coordinator, { _ in await stage.act() }) != .ended {}
                }
            }
            try await group.waitForAll()
        }
        #expect(stage.turns.withLock { $0 } == 3)
        #expect(try await leaders.list().first?.term == 3)
    }

    /// Where only one may stand at a time.
    private final class Stage: Sendable {
        private let present = Mutex(0)
        let turns = Mutex(0)

        func act() async {
            let count = present.withLock { count in
                count += 1
                return count
            }
            #expect(count == 1)
            await Task.yield()
            turns.withLock { $0 += 1 }
            present.withLock { $0 -= 1 }
        }
    }
}
