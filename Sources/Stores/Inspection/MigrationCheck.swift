package import Postgres

/// Whether the database's schema is the one that this build was written for, by its recorded history.
package struct MigrationCheck: Check {
    package let subject = "migrations"
    private let database: Database
    private let migrator: Migrator

    package init(_ database: Database, migrator: Migrator) { (self.database, self.migrator) = (database, migrator) }

    package func findings() async throws -> [Finding] {
        let statuses = try await migrator.status(database)
        var findings = judge(statuses)
        if try await database.hasTable("protocol") { findings += try await protocolNumbers() }
        return findings
    }

    private func judge(_ statuses: [MigrationStatus]) -> [Finding] {
        var findings: [Finding] = []
        var pending: [Int] = []
        var applied: [Int] = []
        for status in statuses {
            switch status.state {
            case .pending: pending.append(status.number)
            case .applied: applied.append(status.number)
            case .changed:
                findings.append(
                    Finding(
                        .error,
                        "migration \(status.number) (\(status.name))",
                        "differs from the one that was applied",
                        because: "this build and the one that migrated mean different schemas by the same number",
                        mend: "Use the build that applied it: stillhouse migrate status tells when that was."
                    )
                )
            case .unknown:
                findings.append(
                    Finding(
                        .error,
                        "migration \(status.number) (\(status.name))",
                        "is of a newer build",
                        because: "this build does not know what it changed, and refuses to work",
                        mend: "Use a newer stillhouse, or with that one: "
                            + "stillhouse migrate down --to \(status.number - 1)"
                    )
                )
            }
        }
        if !pending.isEmpty {
            findings.append(
                Finding(
                    .error,
                    subject,
                    applied.isEmpty
                        ? "the database has no Stillhouse schema"
                        : "missing: " + pending.map(String.init).joined(separator: ", "),
                    because: "no role works on an older schema",
                    mend: "stillhouse migrate up"
                )
            )
        }
        return findings.isEmpty ? [.ok(subject, "all \(applied.count) applied")] : findings
    }

    private func protocolNumbers() async throws(PostgresError) -> [Finding] {
        let rows = try await database.query("SELECT minimum, current FROM stillhouse.protocol", retry: .idempotent)
        let own = WorkerStore.protocolNumber
        guard let row = rows.first else {
            return [
                Finding(
                    .error,
                    "protocol",
                    "the table is empty",
                    because: "no session is opened without it",
                    mend: "INSERT INTO stillhouse.protocol (minimum, current) VALUES (\(own), \(own));"
                )
            ]
        }
        let (minimum, current) = (try row.decode("minimum", as: Int.self), try row.decode("current", as: Int.self))
        if minimum <= own, own <= current { return [.ok("protocol", "\(own), within \(minimum)…\(current)")] }
        return [
            Finding(
                .error,
                "protocol",
                "the database speaks \(minimum) to \(current), this build \(own)",
                because: "workers of this build are turned away with exit status 76",
                mend: own < minimum ? "Use a newer stillhouse on the workers." : "stillhouse migrate up"
            )
        ]
    }
}
