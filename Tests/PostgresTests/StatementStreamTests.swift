import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite("Streams of statements", .temporaryDatabase(.empty))
struct StatementStreamTests {
    private func chunkTable(_ connection: PostgresConnection) async throws {
        try await connection.execute("CREATE TABLE chunk (i int, data bytea)")
        try await connection.execute("ALTER TABLE chunk ALTER data SET STORAGE EXTERNAL")
    }

    @Test(
        "numbers are sent from where they lie, bit by bit",
        arguments: [0, 1, 1023, 1024, 1025, 262_143, 262_144, 262_145]
    )
    func lentFloats(count: Int) async throws {
        let connection = try await TemporaryDatabase.current.connection()
        var generator = SeededGenerator(seed: 11)
        // Three before and one behind, which must not be sent.
        let all = (0..<count + 4).map { _ in Float(bitPattern: UInt32.random(in: .min ... .max, using: &generator)) }
        let slice = all[3..<count + 3]
        let received = Mutex<[UInt8]?>(nil)
        let stream = StatementStream(
            count: 1,
            query: { _ in "SELECT \(bound: .bytes(of: slice)) AS echo" },
            receive: { _, answer throws(PostgresError) in
                let bytes = try answer.decode("echo", row: 0, as: [UInt8].self)
                received.withLock { $0 = bytes }
                return true
            }
        )
        try await connection.run(stream)
        #expect(received.withLock(\.self) == slice.withUnsafeBytes { Array($0) }, "seed 11")
    }

    @Test("answers come in order, and never more is on its way than the limit allows", arguments: [1, 3, 1000])
    func limits(statementsInFlight: Int) async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await chunkTable(connection)
        let chunk = [Float](repeating: 1.5, count: 1 << 18)
        let answered = Mutex<[Int]>([])
        let asked = Mutex<[Int]>([])
        let stream = StatementStream(
            count: 40,
            maximumBytesInFlight: 3 << 20,
            maximumStatementsInFlight: statementsInFlight,
            query: { index in
                asked.withLock { $0.append(index) }
                return "INSERT INTO chunk VALUES (\(Int32(index)), \(bound: .bytes(of: chunk[...])))"
            },
            receive: { index, _ in
                answered.withLock { $0.append(index) }
                return true
            }
        )
        let report = try await connection.run(stream, timeLimit: .seconds(120))
        #expect(answered.withLock(\.self) == Array(0..<40))
        #expect(asked.withLock(\.self) == Array(0..<40))
        #expect(report.answeredCount == 40)
        #expect(report.largestByteCountInFlight <= 3 << 20)
        #expect(report.largestByteCountInFlight > 1 << 20)
        #expect(report.largestStatementCountInFlight <= min(statementsInFlight, 2))
        #expect(try await connection.query("SELECT FROM chunk WHERE length(data) = 1048576").count == 40)
    }

    @Test("a statement larger than the limit goes alone")
    func oversized() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await chunkTable(connection)
        let chunk = [Float](repeating: 1, count: 1 << 16)
        let stream = StatementStream(
            count: 3,
            maximumBytesInFlight: 1000,
            query: { "INSERT INTO chunk VALUES (\(Int32($0)), \(bound: .bytes(of: chunk[...])))" },
            receive: { _, _ in true }
        )
        let report = try await connection.run(stream)
        #expect(report.answeredCount == 3 && report.largestStatementCountInFlight == 1)
    }

    @Test("rows come one by one where that is wanted, and each statement ends without any", arguments: [1, 2, 50])
    func rowByRow(statementsInFlight: Int) async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let taken = Mutex<[[Int]]>([])
        let stream = StatementStream(
            count: 20,
            maximumStatementsInFlight: statementsInFlight,
            isRowByRow: true,
            query: { "SELECT n FROM generate_series(1, \(Int32($0 % 4))) AS n" },
            receive: { index, answer throws(PostgresError) in
                let values = try answer.rows.map { row throws(PostgresError) in try row.decode("n", as: Int.self) }
                taken.withLock { $0.append([index] + values) }
                return true
            }
        )
        let report = try await connection.run(stream)
        let expected = (0..<20).flatMap { index in (0..<index % 4).map { [index, $0 + 1] } + [[index]] }
        #expect(taken.withLock(\.self) == expected)
        #expect(report.answeredCount == 20)
        #expect(try await connection.execute("SELECT 1") == 1)
    }

    @Test("whoever has enough is sent nothing more, and the session goes on")
    func enough() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let taken = Mutex(0)
        let stream = StatementStream(
            count: 100,
            maximumStatementsInFlight: 4,
            query: { "SELECT \(Int32($0)) AS n" },
            receive: { index, _ in
                taken.withLock { $0 += 1 }
                return index < 9
            }
        )
        let report = try await connection.run(stream)
        // Those in flight are answered still.
        #expect((10...14).contains(report.answeredCount))
        #expect(taken.withLock(\.self) == report.answeredCount)
        #expect(try await connection.execute("SELECT 1") == 1)
    }

    @Test("what either closure throws ends the stream, and the session goes on", arguments: ["query", "receive"])
    func refusals(who: String) async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let stream = StatementStream(
            count: 10,
            query: { index throws(PostgresError) in
                if who == "query" && index == 5 { throw PostgresError(.unencodable, "five") }
                return "SELECT \(Int32(index)) AS n"
            },
            receive: { index, _ throws(PostgresError) in
                if who == "receive" && index == 5 { throw PostgresError(.undecodable, "five") }
                return true
            }
        )
        let error = await #expect(throws: PostgresError.self) { try await connection.run(stream) }
        #expect(error?.message == "five")
        #expect(try await connection.execute("SELECT 1") == 1)
    }

    @Test("a stream that is cancelled in the midst of a transfer leaves the session usable")
    func cancellation() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await chunkTable(connection)
        let chunk = [Float](repeating: 1, count: 1 << 18)
        let (reached, arrival) = AsyncStream.makeStream(of: Void.self)
        let stream = StatementStream(
            count: 100_000,
            maximumBytesInFlight: 4 << 20,
            query: { "INSERT INTO chunk VALUES (\(Int32($0 % 4)), \(bound: .bytes(of: chunk[...])))" },
            receive: { index, _ in
                if index == 5 { arrival.yield() }
                return true
            }
        )
        let task = Task { try await connection.run(stream) }
        _ = await reached.first { _ in true }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(try await connection.execute("SELECT 1") == 1)
        #expect(try await connection.query("SELECT FROM chunk WHERE length(data) <> 1048576").isEmpty)
    }

    @Test("a session that ends in the midst of a stream is a lost one, after some statements of it not unexecuted")
    func terminated() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let other = try await TemporaryDatabase.current.connection()
        let pid = try await connection.query("SELECT pg_backend_pid() AS pid")[0].decode("pid", as: Int32.self)
        try await chunkTable(connection)
        let chunk = [Float](repeating: 1, count: 1 << 18)
        let (reached, arrival) = AsyncStream.makeStream(of: Void.self)
        let stream = StatementStream(
            count: 100_000,
            query: { "INSERT INTO chunk VALUES (\(Int32($0 % 4)), \(bound: .bytes(of: chunk[...])))" },
            receive: { index, _ in
                if index == 5 { arrival.yield() }
                return true
            }
        )
        let task = Task { try await connection.run(stream) }
        _ = await reached.first { _ in true }
        try await other.execute("SELECT pg_terminate_backend(\(pid), 10000)")
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.category == .connectionLoss)
        #expect(error?.isTransient == true && error?.isUnexecuted == false)
        try await connection.connect()
        #expect(try await connection.execute("SELECT 1") == 1)
    }

    @Test("a database that may repeat a stream does so from its first statement on")
    func repeated() async throws {
        let database = try TemporaryDatabase.current.database()
        let pid = try await database.query("SELECT pg_backend_pid() AS pid")[0].decode("pid", as: Int32.self)
        let asked = Mutex<[Int]>([])
        let stream = StatementStream(
            count: 3,
            maximumStatementsInFlight: 1,
            query: { index in
                asked.withLock { $0.append(index) }
                // Only the first session ends itself.
                return index == 1
                    ? "SELECT pg_terminate_backend(pg_backend_pid()) WHERE pg_backend_pid() = \(pid)" : "SELECT 1"
            },
            receive: { _, _ in true }
        )
        try await database.run(stream, retry: .idempotent)
        #expect(asked.withLock(\.self) == [0, 1, 0, 1, 2])
        await database.close()
    }
}
