import Postgres
import TestSupport
import Testing

@Suite("Database", .temporaryDatabase(.empty))
struct DatabaseTests {
    private func database(_ clock: ImmediateClock, patience: Duration = .seconds(60)) throws -> Database {
        Database(
            try TemporaryDatabase.current.configuration,
            logger: TemporaryDatabase.silentLogger,
            persistence: .init(patience: patience),
            clock: clock
        )
    }

    /// Waits until a session of this database waits for advisory lock 1, and says which.
    private func waiter(_ observer: PostgresConnection) async throws -> Int32 {
        var waiter: Int32 = 0
        try await eventually("somebody waits for the lock") {
            let rows = try await observer.query(
                """
                SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
                """
            )
            if let row = rows.first { waiter = try row.decode("pid") }
            return !rows.isEmpty
        }
        return waiter
    }

    @Test("a session that the server ended is replaced before the next statement, which is not repeated")
    func reconnects() async throws {
        let clock = ImmediateClock()
        let database = try database(clock)
        let other = try await TemporaryDatabase.current.connection()
        try await database.execute("CREATE TABLE t (x int)")
        for _ in 0..<5 {
            let pid = try await database.query("SELECT pg_backend_pid() AS pid")[0].decode("pid", as: Int32.self)
            try await other.execute("SELECT pg_terminate_backend(\(pid), 10000)")
            try await database.execute("INSERT INTO t VALUES (1)")
        }
        #expect(try await database.query("SELECT FROM t").count == 5)
    }

    @Test("a statement whose outcome is unknown is an error unless it may be repeated")
    func unknownOutcome() async throws {
        let holder = try await TemporaryDatabase.current.connection()
        try await holder.execute("SELECT pg_advisory_lock(1)")
        let database = try database(ImmediateClock())
        let task = Task { try await database.execute("SELECT pg_advisory_lock(1)") }
        try await holder.execute("SELECT pg_terminate_backend(\(try await waiter(holder)), 10000)")
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .connectionLost)
        #expect(error?.sqlState == .adminShutdown)
        #expect(error?.isUnexecuted == false)
    }

    @Test("an idempotent statement is repeated on a new session")
    func repeated() async throws {
        let holder = try await TemporaryDatabase.current.connection()
        try await holder.execute("SELECT pg_advisory_lock(1)")
        let clock = ImmediateClock()
        let database = try database(clock)
        let task = Task { try await database.execute("SELECT pg_advisory_lock(1)", retry: .idempotent) }
        try await holder.execute("SELECT pg_terminate_backend(\(try await waiter(holder)), 10000)")
        _ = try await waiter(holder)
        try await holder.execute("SELECT pg_advisory_unlock(1)")
        #expect(try await task.value == 1)
        #expect(clock.sleeps.count == 1)
    }

    @Test("a transaction that lost against another is repeated when asked, and only then")
    func contention() async throws {
        let holder = try await TemporaryDatabase.current.connection()
        try await holder.execute("SELECT pg_advisory_lock(1)")
        let clock = ImmediateClock { _ = try? await holder.execute("SELECT pg_advisory_unlock(1)") }
        let database = try database(clock)
        let attempt = { @Sendable (transaction: borrowing Transaction) throws in
            try transaction.execute("SET LOCAL lock_timeout = '1ms'")
            try transaction.execute("SELECT pg_advisory_xact_lock(1)")
        }
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { transaction in try attempt(transaction) }
        }
        #expect(error?.category == .contention)
        #expect(clock.sleeps.isEmpty)
        try await database.transaction(retry: .idempotent) { transaction in try attempt(transaction) }
        #expect(clock.sleeps.count == 1)
    }

    @Test("an error of a transaction's own is thrown as it is, once")
    func ownError() async throws {
        struct Refused: Error {}
        let clock = ImmediateClock()
        let database = try database(clock)
        await #expect(throws: Refused.self) {
            try await database.transaction(retry: .idempotent) { _ in throw Refused() }
        }
        #expect(clock.sleeps.isEmpty)
    }

    @Test("an unreachable server is tried with growing pauses until patience ends")
    func givesUp() async throws {
        let clock = ImmediateClock()
        let database = Database(
            PostgresConfiguration(host: "/nonexistent", user: "ann", database: "ledger"),
            logger: TemporaryDatabase.silentLogger,
            persistence: .init(patience: .seconds(900)),
            clock: clock
        )
        let error = await #expect(throws: PostgresError.self) { try await database.execute("SELECT 1") }
        #expect(error?.kind == .unreachable)
        let total = clock.sleeps.reduce(.zero, +)
        #expect(total <= .seconds(900))
        #expect(total >= .seconds(900 - 45))
        #expect(clock.sleeps.allSatisfy { $0 <= .seconds(45) })
    }

    @Test("a wrong database name is not tried twice")
    func hopeless() async throws {
        let clock = ImmediateClock()
        let database = Database(
            try TemporaryDatabase.current.configuration.database("atlantis"),
            logger: TemporaryDatabase.silentLogger,
            clock: clock
        )
        let error = await #expect(throws: PostgresError.self) { try await database.connect() }
        #expect(error?.category == .configuration)
        #expect(clock.sleeps.isEmpty)
    }

    @Test("a waiting call can be cancelled, and the next one works")
    func cancellation() async throws {
        let holder = try await TemporaryDatabase.current.connection()
        try await holder.execute("SELECT pg_advisory_lock(1)")
        let database = try database(ImmediateClock())
        let task = Task { try await database.execute("SELECT pg_advisory_lock(1)", retry: .idempotent) }
        _ = try await waiter(holder)
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(try await database.execute("SELECT 1") == 1)
    }

    @Test("a server that is silent for too long within a statement is given up, one that answers in time is not")
    func silence() async throws {
        let database = try database(ImmediateClock(), patience: .zero)
        await database.limitSilence(to: .milliseconds(500))
        let error = await #expect(throws: PostgresError.self) { try await database.execute("SELECT pg_sleep(60)") }
        #expect(error?.kind == .timedOut)
        #expect(error?.category == .connectionLoss)
        // Together longer than the limit, each well within it.
        let pauses = [Query](repeating: "SELECT pg_sleep(0.1)", count: 8)
        #expect(try await database.pipeline(pauses).count == 8)
    }

    @Test("an error says when the database had no more patience, so that the caller need not have any")
    func repeatedInVain() async throws {
        let nowhere = Database(
            try PostgresConfiguration(parsing: "postgresql://ann@127.0.0.1:1/ledger"),
            logger: TemporaryDatabase.silentLogger,
            persistence: .init(patience: .seconds(60)),
            clock: ImmediateClock()
        )
        let refused = await #expect(throws: PostgresError.self) { try await nowhere.execute("SELECT 1") }
        #expect(refused?.wasRepeatedInVain == true)
        let database = try database(ImmediateClock())
        let wrong = await #expect(throws: PostgresError.self) { try await database.execute("SELECT nonsense") }
        #expect(wrong?.wasRepeatedInVain == false)
    }

    @Test(
        "a server that cannot do it now is asked again for what may be repeated, and for nothing else",
        arguments: ["53100", "53200", "58030", "25006", "SH002"]
    )
    func shortage(code: String) async throws {
        let clock = ImmediateClock()
        let database = try database(clock)
        let raise: Query = "DO \(unescaped: "$$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '\(code)'; END $$")"
        let repeated = await #expect(throws: PostgresError.self) {
            try await database.execute(raise, retry: .idempotent)
        }
        #expect(repeated?.wasRepeatedInVain == true)
        let once = await #expect(throws: PostgresError.self) { try await database.execute(raise) }
        #expect(once?.wasRepeatedInVain == false)
    }

    @Test("a session whose server became a standby is replaced by a new one")
    func standby() async throws {
        let database = try database(ImmediateClock(), patience: .zero)
        let first = try await database.query("SELECT pg_backend_pid() AS pid")[0].decode("pid", as: Int32.self)
        await #expect(throws: PostgresError.self) {
            try await database.transaction { transaction in
                try transaction.execute("SET TRANSACTION READ ONLY")
                try transaction.execute("CREATE TABLE t (x int)")
            }
        }
        let second = try await database.query("SELECT pg_backend_pid() AS pid")[0].decode("pid", as: Int32.self)
        #expect(first != second)
    }
}
