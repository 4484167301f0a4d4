import Postgres
import TestSupport

/// Tables that nobody may use until they are released: whoever needs one of them waits exactly there.
struct TableLock {
    private let connection: PostgresConnection

    /// - Parameter names: beginnings of names in our schema.
    init(_ names: [String], mode: String, in configuration: PostgresConfiguration) async throws {
        connection = PostgresConnection(configuration, logger: TemporaryDatabase.silentLogger, name: "lock")
        try await connection.connect()
        var tables: [String] = []
        for name in names {
            let rows = try await connection.query(
                """
                SELECT tablename FROM pg_tables
                WHERE schemaname = 'stillhouse' AND starts_with(tablename, \(name)) ORDER BY tablename
                """
            )
            tables += try rows.map { try $0.decode("tablename") }
        }
        try await connection.execute("BEGIN")
        for table in tables {
            try await connection.execute("LOCK TABLE stillhouse.\(identifier: table) IN \(unescaped: mode) MODE")
        }
    }

    func release() async { await connection.close() }
}
