package import Postgres

/// Whether autovacuum keeps up with the tables that are updated all the time.
package struct VacuumCheck: Check {
    package let subject = "dead rows"
    private let database: Database
    private let threshold: Int

    /// - Parameter threshold: dead rows of one table that are worth a word, if they are also a fifth of its live ones.
    package init(_ database: Database, threshold: Int = 20_000) {
        (self.database, self.threshold) = (database, threshold)
    }

    package func findings() async throws -> [Finding] {
        let rows = try await database.query(
            """
            SELECT relname::text AS relation, n_dead_tup AS dead, n_live_tup AS live,
                extract(epoch FROM clock_timestamp() - greatest(last_vacuum, last_autovacuum))::bigint AS since
            FROM pg_stat_user_tables
            WHERE schemaname = 'stillhouse' AND n_dead_tup >= \(threshold) AND n_dead_tup >= 0.2 * n_live_tup
            ORDER BY n_dead_tup DESC
            """,
            retry: .idempotent
        )
        if rows.isEmpty { return [.ok(subject, "autovacuum keeps up")] }
        return try rows.map { row throws(PostgresError) in
            let relation: String = try row.decode("relation")
            let since: Int? = try row.decode("since")
            return Finding(
                .warning,
                "table \(relation)",
                "\(try row.decode("dead", as: Int.self)) dead rows beside \(try row.decode("live", as: Int.self)) live ones, "
                    + (since.map { "last vacuumed \($0) s ago" } ?? "never vacuumed"),
                because: "every claim and beat reads past them; something holds autovacuum back, or it is too slow",
                mend: "Mend long transactions and slots first, then: VACUUM (ANALYZE) stillhouse.\(relation);"
            )
        }
    }
}
