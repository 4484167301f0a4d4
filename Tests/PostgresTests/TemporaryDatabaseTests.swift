import Postgres
import TestSupport
import Testing

private let filled = DatabaseTemplate("filled") { database in
    try await database.execute("CREATE TABLE t AS SELECT 1 AS x")
}

@Suite("Temporary database")
struct TemporaryDatabaseTests {
    @Test("each case gets its own copy of the template", .temporaryDatabase(filled), arguments: 0..<4)
    func isolation(number: Int) async throws {
        let database = try TemporaryDatabase.current.database()
        try await database.execute("INSERT INTO t VALUES (\(number))")
        let rows = try await database.query("SELECT x FROM t ORDER BY ctid")
        #expect(try rows.map { try $0.decode("x", as: Int.self) } == [1, number])
    }

    @Test("without the trait there is none, and the message says what to do")
    func missing() {
        let error = #expect(throws: (any Error).self) { try TemporaryDatabase.current }
        #expect(error.map { "\($0)".contains(".temporaryDatabase") } == true)
    }
}
