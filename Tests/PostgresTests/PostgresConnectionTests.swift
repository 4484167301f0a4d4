import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Connections", .temporaryDatabase(.empty))
struct PostgresConnectionTests {
    private static func isRunning(_ text: String, by connection: PostgresConnection) async throws -> Bool {
        let rows = try await connection.query(
            "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE \(text) AND pid <> pg_backend_pid()"
        )
        return !rows.isEmpty
    }

    @Test("affected rows are counted, and errors leave the session usable")
    func execute() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.execute("CREATE TABLE t (x int CONSTRAINT positive CHECK (x > 0) CONSTRAINT once UNIQUE)")
        #expect(try await connection.execute("INSERT INTO t SELECT generate_series(1, 5)") == 5)
        let error = await #expect(throws: PostgresError.self) {
            try await connection.execute("INSERT INTO t VALUES (\(3))", statement: "insert()")
        }
        #expect(error?.sqlState == .uniqueViolation)
        #expect(error?.constraint == "once")
        #expect(
            error.map { "\($0)" }
                == "insert(): duplicate key value violates unique constraint \"once\" (23505, constraint once)"
        )
        #expect(try await connection.execute("DELETE FROM t WHERE x > \(3)") == 2)
    }

    @Test("a statement is named for the method that runs it")
    func statementName() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELEC 1") }
        #expect(error?.statement == "statementName()")
    }

    @Test("a hundred mebibytes go through a pipeline that is much smaller")
    func pipelinedInserts() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.execute("CREATE TABLE chunk (i int, data bytea)")
        try await connection.execute("ALTER TABLE chunk ALTER data SET STORAGE EXTERNAL")
        let data = [UInt8](repeating: 0xAB, count: 1 << 20)
        let queries: [Query] = (0..<100).map { "INSERT INTO chunk VALUES (\(Int32($0)), \(data))" }
        try await connection.pipeline(queries, maximumBytesInFlight: 8 << 20, timeLimit: .seconds(120))
        let rows = try await connection.query("SELECT count(*) AS n, sum(length(data)) AS bytes FROM chunk")
        #expect(try rows[0].decode("n", as: Int.self) == 100)
        #expect(try rows[0].decode("bytes", as: Int.self) == 100 << 20)
    }

    @Test("large values both ways at once do not block each other")
    func pipelinedEcho() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let payloads = (0..<40).map { [UInt8](repeating: UInt8($0), count: 1 << 20) }
        let answers = try await connection.pipeline(
            payloads.map { "SELECT \($0) AS echo" },
            maximumBytesInFlight: 1 << 30,
            timeLimit: .seconds(120)
        )
        #expect(try answers.map { try $0[0].decode("echo", as: [UInt8].self) } == payloads)
    }

    @Test("a pipeline stops at the first failure, and the session goes on", arguments: [0, 1 << 20])
    func pipelineFailure(bytesInFlight: Int) async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.execute("CREATE TABLE t (x int UNIQUE)")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.pipeline(
                ["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"],
                maximumBytesInFlight: bytesInFlight
            )
        }
        #expect(error?.sqlState == .uniqueViolation)
        let count = try await connection.query("SELECT count(*) AS n FROM t")[0].decode("n", as: Int.self)
        // Each statement is a transaction of its own; the third was in flight only if there was room.
        #expect(count == (bytesInFlight == 0 ? 1 : 2))
    }

    @Test("an empty pipeline is done at once")
    func emptyPipeline() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        #expect(try await connection.pipeline([]).isEmpty)
        #expect(try await connection.execute("SELECT 1") == 1)
    }

    @Test("a cancelled task's statement is cancelled at the server, and the session goes on")
    func cancellation() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let observer = try await TemporaryDatabase.current.connection()
        let before = try await connection.query("SELECT pg_backend_pid() AS pid")[0].decode("pid", as: Int.self)
        let task = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await eventually("the statement runs") {
            try await Self.isRunning("%pg_sleep(600)%", by: observer)
        }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        let after = try await connection.query("SELECT pg_backend_pid() AS pid")[0].decode("pid", as: Int.self)
        #expect(after == before)
    }

    @Test("a cancellation at any moment never hits the next statement")
    func lateCancellation() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        for round in 0..<200 {
            let task = Task { try await connection.query("SELECT pg_sleep(0.0003)") }
            for _ in 0..<round % 20 { await Task.yield() }
            task.cancel()
            if case .failure(let error) = await task.result {
                #expect((error as? PostgresError)?.kind == .cancelled)
            }
            #expect(try await connection.execute("SELECT 1") == 1)
        }
    }

    @Test("a cancelled pipeline stops, and the session goes on")
    func pipelineCancellation() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let observer = try await TemporaryDatabase.current.connection()
        let queries = [Query](repeating: "SELECT pg_sleep(600)", count: 50)
        let task = Task { try await connection.pipeline(queries, maximumBytesInFlight: 400) }
        try await eventually("the pipeline runs") { try await Self.isRunning("%pg_sleep(600)%", by: observer) }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(try await connection.execute("SELECT 1") == 1)
    }

    @Test("a task cancelled before its turn sends nothing")
    func earlyCancellation() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.execute("CREATE TABLE t (x int)")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await connection.execute("INSERT INTO t VALUES (1)")
        }
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(error?.isUnexecuted == true)
        #expect(try await connection.query("SELECT FROM t").isEmpty)
    }

    @Test("a server that does not answer in time loses the session")
    func timeLimit() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT pg_sleep(600)", timeLimit: .milliseconds(20))
        }
        #expect(error?.kind == .timedOut)
        #expect(error?.category == .connectionLoss)
        #expect(await connection.isConnected == false)
        try await connection.connect()
        #expect(try await connection.execute("SELECT 1") == 1)
    }

    @Test("a session that the server ended says so, and can be opened again")
    func terminated() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let other = try await TemporaryDatabase.current.connection()
        let pid = try await connection.query("SELECT pg_backend_pid() AS pid")[0].decode("pid", as: Int32.self)
        try await other.execute("SELECT pg_terminate_backend(\(pid), 10000)")
        let error = await #expect(throws: PostgresError.self) { try await connection.execute("SELECT 1") }
        #expect(error?.kind == .connectionLost)
        #expect(error?.isUnexecuted == true)
        try await connection.connect()
        #expect(try await connection.execute("SELECT 1") == 1)
    }
}
