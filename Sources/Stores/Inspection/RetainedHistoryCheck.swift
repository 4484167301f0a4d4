package import Postgres

/// What keeps dead rows and write-ahead log beyond any session: replication slots and prepared transactions.
package struct RetainedHistoryCheck: Check {
    package let subject = "replication slots and prepared transactions"
    private let database: Database
    private let patience: Duration

    /// - Parameter patience: how old a prepared transaction may be.
    package init(_ database: Database, patience: Duration = .seconds(60)) {
        (self.database, self.patience) = (database, patience)
    }

    package func findings() async throws -> [Finding] {
        let findings = try await slots() + preparedTransactions()
        return findings.isEmpty ? [.ok(subject, "none that holds anything back")] : findings
    }

    private func slots() async throws(PostgresError) -> [Finding] {
        let rows = try await database.query(
            """
            SELECT slot_name::text AS slot,
                greatest(age(xmin), age(catalog_xmin), 0)::bigint AS transactions,
                coalesce(CASE WHEN NOT pg_is_in_recovery()
                    THEN pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) END, 0)::bigint AS retained
            FROM pg_replication_slots WHERE NOT active ORDER BY slot_name
            """,
            retry: .idempotent
        )
        return try rows.map { row throws(PostgresError) in
            let slot: String = try row.decode("slot")
            return Finding(
                .warning,
                "replication slot \(slot)",
                "nobody reads it; it keeps \(try row.decode("retained", as: Int.self) >> 20) MB of log and the dead rows "
                    + "of \(try row.decode("transactions", as: Int.self)) transactions",
                because: "an abandoned slot fills the disk in the end",
                mend: "Start its standby again, or: SELECT pg_drop_replication_slot(\(Self.literal(slot)));"
            )
        }
    }

    private func preparedTransactions() async throws(PostgresError) -> [Finding] {
        let seconds = Double(patience.components.seconds)
        let rows = try await database.query(
            """
            SELECT gid, owner::text AS owner,
                extract(epoch FROM clock_timestamp() - prepared)::bigint AS age
            FROM pg_prepared_xacts
            WHERE database = current_database() AND prepared <= clock_timestamp() - make_interval(secs => \(seconds))
            ORDER BY prepared
            """,
            retry: .idempotent
        )
        return try rows.map { row throws(PostgresError) in
            let name: String = try row.decode("gid")
            return Finding(
                .warning,
                "prepared transaction \(name)",
                "\(try row.decode("owner", as: String.self)) prepared it \(try row.decode("age", as: Int.self)) s ago",
                because: "it holds its locks and every later dead row, restarts included; Stillhouse prepares none",
                mend: "ROLLBACK PREPARED \(Self.literal(name));"
            )
        }
    }

    private static func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
