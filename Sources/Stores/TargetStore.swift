package import Postgres

/// What teachers said, kept for all workers of all runs; a cache that may forget anything at any time.
package struct TargetStore: Sendable {
    /// Most targets of one call.
    package static let pageSize = 8192

    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// - Parameters:
    ///   - keys: SHA-256 values, at most `pageSize`.
    ///   - timeLimit: how long an answer is of use.
    /// - Returns: value by key, of those that are stored; nothing for a session that is over.
    package func targets(
        for keys: [[UInt8]],
        session: SessionID,
        timeLimit: Duration? = nil
    ) async throws(PostgresError) -> [[UInt8]: [UInt8]] {
        let rows = try await database.query(
            "SELECT key, value FROM stillhouse.target_get_v1(\(session), \(keys))",
            timeLimit: timeLimit
        )
        var found: [[UInt8]: [UInt8]] = [:]
        for row in rows { found[try row.decode("key")] = try row.decode("value", as: [UInt8].self) }
        return found
    }

    /// Stores targets, at most `pageSize`; those that are there already stay as they are.
    ///
    /// - Returns: how many are new; nil for a session that is over.
    @discardableResult
    package func put(
        _ targets: [(key: [UInt8], value: [UInt8])],
        session: SessionID,
        timeLimit: Duration? = nil
    ) async throws(PostgresError) -> Int? {
        let rows = try await database.query(
            """
            SELECT stillhouse.target_put_v1(
                \(session), \(targets.map(\.key)), \(targets.map(\.value))
            )::bigint AS stored
            """,
            retry: .idempotent,
            timeLimit: timeLimit
        )
        return try rows.first?.decode("stored")
    }
}
