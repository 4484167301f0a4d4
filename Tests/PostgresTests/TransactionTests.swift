import Postgres
import TestSupport
import Testing

@Suite("Transactions", .temporaryDatabase(.empty))
struct TransactionTests {
    private struct Refused: Error {}

    private func prepared() async throws -> PostgresConnection {
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.execute("CREATE TABLE t (x int UNIQUE)")
        return connection
    }

    private func count(_ connection: PostgresConnection) async throws -> Int {
        try await connection.query("SELECT count(*) AS n FROM t")[0].decode("n")
    }

    @Test("what the body did stands after it returns")
    func commit() async throws {
        let connection = try await prepared()
        let touched = try await connection.transaction { transaction in
            try transaction.execute("INSERT INTO t VALUES (\(1)), (\(2))")
        }
        #expect(touched == 2)
        #expect(try await count(connection) == 2)
    }

    @Test("a body that throws leaves nothing behind")
    func rollback() async throws {
        let connection = try await prepared()
        await #expect(throws: Refused.self) {
            try await connection.transaction { transaction in
                try transaction.execute("INSERT INTO t VALUES (1)")
                throw Refused()
            }
        }
        #expect(try await count(connection) == 0)
    }

    @Test("a failed statement rolls back what came before it")
    func failedStatement() async throws {
        let connection = try await prepared()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction { transaction in
                try transaction.execute("INSERT INTO t VALUES (1)")
                try transaction.execute("INSERT INTO t VALUES (1)")
            }
        }
        #expect(error?.sqlState == .uniqueViolation)
        #expect(try await count(connection) == 0)
    }

    @Test("a body that hides a failure does not seem to have committed")
    func hiddenFailure() async throws {
        let connection = try await prepared()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction { transaction in
                try transaction.execute("INSERT INTO t VALUES (1)")
                _ = try? transaction.execute("SELECT 1 / 0")
            }
        }
        #expect(error?.message == "a statement of the transaction had failed, so it was rolled back")
        #expect(try await count(connection) == 0)
    }

    @Test("a script that ends its transaction is refused")
    func scriptWithCommit() async throws {
        let connection = try await prepared()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction { transaction in
                try transaction.script("INSERT INTO t VALUES (1); COMMIT;")
            }
        }
        #expect(error?.message == "the script ended its transaction")
        #expect(try await connection.execute("SELECT 1") == 1)
    }

    @Test("isolation is READ COMMITTED whatever the session's default is")
    func isolationLevel() async throws {
        let connection = try await prepared()
        try await connection.execute("SET default_transaction_isolation = 'serializable'")
        let level = try await connection.transaction { transaction in
            try transaction.query("SHOW transaction_isolation")[0].decode(at: 0, as: String.self)
        }
        #expect(level == "read committed")
    }

    @Test("a cancelled transaction rolls back, and the session goes on")
    func cancellation() async throws {
        let connection = try await prepared()
        let observer = try await TemporaryDatabase.current.connection()
        let task = Task {
            try await connection.transaction { transaction in
                try transaction.execute("INSERT INTO t VALUES (1)")
                try transaction.execute("SELECT pg_sleep(600)")
            }
        }
        try await eventually("the second statement runs") {
            let rows = try await observer.query(
                "SELECT FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(600)'"
            )
            return !rows.isEmpty
        }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(try await count(connection) == 0)
    }
}
