import Checkpoints
import Objectives
import Postgres
import Stores
import Synchronization
import TestSupport
import Testing
import WorkerRole

@Suite("Targets shared through the database", .temporaryDatabase(.migrated))
struct SharedTargetsTests {
    private static let size = 4
    private func key(_ name: Int) -> TargetKey { TargetKey(digest: Digest(of: "\(name)".utf8)) }

    private func target(_ name: Int) throws -> RoundedTarget {
        var values = [Float](repeating: 0, count: Self.size)
        values[name % Self.size] = name % 8 < 4 ? 1 : -1
        return try #require(RoundedTarget(rounding: values))
    }

    /// A session of a run that needs to be no more than a row.
    private func openSession(_ database: Database) async throws -> SessionID {
        let session = SessionID()
        try await database.execute(
            """
            INSERT INTO stillhouse.worker_session
                (session, login, run_id, host, device, build, numeric_profile, protocol)
            VALUES (\(session), session_user, 1, 'here', 'cpu', 'test', 'cpu', 1)
            """
        )
        return session
    }

    private func shared(_ database: Database, _ session: SessionID, capacity: Int = 1 << 20) -> SharedTargets {
        SharedTargets(
            TargetStore(database),
            session: session,
            capacity: capacity,
            logger: TemporaryDatabase.silentLogger
        )
    }

    @Test("what one worker computes another finds, and each asks the database once")
    func sharing() async throws {
        let database = try TemporaryDatabase.current.database()
        let session = try await openSession(database)
        let counts = Mutex<[[Int]]>([])
        let first = shared(database, session)
        let second = SharedTargets(TargetStore(database), session: session, logger: TemporaryDatabase.silentLogger) {
            found,
            missing in counts.withLock { $0.append([found, missing]) }
        }
        #expect(await first.known(among: [key(1), key(2)], size: Self.size).isEmpty)
        first.keep([key(1): try target(1), key(2): try target(2)])
        #expect(await first.known(among: [key(1)], size: Self.size) == [key(1): try target(1)], "before it is stored")
        await first.storeAll()
        let found = await second.known(among: (0..<4).map(key), size: Self.size)
        #expect(found == [key(1): try target(1), key(2): try target(2)])
        try await database.execute("TRUNCATE stillhouse.target")
        #expect(await second.known(among: [key(1), key(2)], size: Self.size) == found, "now from memory")
        #expect(counts.withLock { $0 } == [[2, 2], [2, 0]])
    }

    @Test("a lasting writer stores what is kept while it runs")
    func running() async throws {
        let database = try TemporaryDatabase.current.database()
        let session = try await openSession(database)
        let shared = shared(database, session)
        let one = try target(1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await shared.run() }
            for name in 0..<3 {
                shared.keep([key(name): one])
                try await eventually("target \(name) is stored") {
                    let rows = try await database.query("SELECT count(*) AS n FROM stillhouse.target")
                    return try rows.first?.decode("n", as: Int.self) == name + 1
                }
            }
            group.cancelAll()
        }
    }

    @Test("a stored value that is no target of this size, whoever wrote it, is not used")
    func garbage() async throws {
        let database = try TemporaryDatabase.current.database()
        let session = try await openSession(database)
        let nan: [UInt8] = [0, 0x7E, 0, 0, 0, 0, 0, 0]
        let long = [UInt8](repeating: 0x3C, count: 8)
        try await TargetStore(database).put(
            [
                (key(1).digest.bytes, nan), (key(2).digest.bytes, long), (key(3).digest.bytes, [0, 0x3C]),
                (key(4).digest.bytes, try target(4).bytes),
            ],
            session: session
        )
        let found = await shared(database, session).known(among: (1..<5).map(key), size: Self.size)
        #expect(found == [key(4): try target(4)])
    }

    @Test("a database that is away, or lacks the table, makes everything unknown and nothing fail")
    func trouble() async throws {
        let database = try TemporaryDatabase.current.database()
        let session = try await openSession(database)
        try await database.execute("DROP FUNCTION stillhouse.target_get_v1(uuid, bytea[])")
        let lacking = shared(database, session)
        #expect(await lacking.known(among: [key(1)], size: Self.size).isEmpty)

        var configuration = try TemporaryDatabase.current.configuration
        configuration[option: "host"] = "127.0.0.1"
        configuration[option: "port"] = "1"
        let nowhere = Database(
            configuration,
            logger: TemporaryDatabase.silentLogger,
            persistence: Database.Persistence(patience: .zero)
        )
        let away = shared(nowhere, session)
        #expect(await away.known(among: [key(1)], size: Self.size).isEmpty)
        away.keep([key(1): try target(1)])
        await away.storeAll()
        #expect(await away.known(among: [key(1)], size: Self.size) == [key(1): try target(1)])
    }
}
