package import Postgres

/// Whether the server crashed and nobody has reconciled the ledger since: the sentinel goes with the payloads.
package struct CrashCheck: Check {
    package let subject = "sentinel"
    private let database: Database

    package init(_ database: Database) { self.database = database }

    package func findings() async throws -> [Finding] {
        // Schemas before the sentinel log every payload, so a crash takes nothing.
        guard try await database.hasTable("sentinel"), try await database.hasTable("database_epoch") else { return [] }
        let rows = try await database.query(
            """
            SELECT e.epoch::bigint AS epoch, s.epoch IS NOT NULL AS is_standing
            FROM stillhouse.database_epoch e LEFT JOIN stillhouse.sentinel s USING (epoch)
            """,
            retry: .idempotent
        )
        guard let row = rows.first, try row.decode("is_standing") else {
            return [
                Finding(
                    .error,
                    subject,
                    "is missing: the server crashed, and nobody has looked what was lost",
                    because: "until then no job is handed out and no gradient accepted",
                    mend: "stillhouse coordinator start"
                )
            ]
        }
        return [.ok(subject, "stands, epoch \(try row.decode("epoch", as: Int.self))")]
    }
}
