package import Postgres

/// Whether the schema is still as the migrations make it, whatever somebody did to it by hand.
///
/// The migrations themselves say how it must be: they run once more, under another schema's name, in a transaction that
/// is rolled back. No other session sees or waits for any of it: the migrator's own schema has a stand-in too.
package struct DriftCheck: Check {
    package let subject = "schema"
    private let database: Database
    private let migrations: [Migration]
    private let migrator: Migrator

    /// Long enough to clash with nothing, and in lower case, so that it needs no quotes.
    private static let scratch = "stillhouse_as_migrated"

    package init(_ database: Database, _ migrations: [Migration], migrator: Migrator) {
        (self.database, self.migrations, self.migrator) = (database, migrations, migrator)
    }

    package func findings() async throws -> [Finding] {
        let applied = try await appliedMigrations()
        // What history alone refuses, `MigrationCheck` has told already.
        guard !applied.isEmpty else { return [] }
        guard try await mayTry() else {
            return [
                Finding(
                    .note,
                    subject,
                    "not compared with the migrations",
                    because: "this login may not make a schema here, not even one that is rolled back",
                    mend: "Run doctor as the schema's owner."
                )
            ]
        }
        let differences = try await differences(from: applied)
        if differences.isEmpty { return [.ok(subject, "as the migrations make it")] }
        return differences.map(\.finding)
    }

    /// Those that the database has had in this build's words.
    private func appliedMigrations() async throws(PostgresError) -> [Migration] {
        let statuses = try await migrator.status(database)
        let isKnown = statuses.allSatisfy { status in
            switch status.state {
            case .pending, .applied: true
            case .changed, .unknown: false
            }
        }
        guard isKnown else { return [] }
        let pending = Set(statuses.filter { $0.state == .pending }.map(\.number))
        return migrations.filter { !pending.contains($0.number) }
    }

    private func mayTry() async throws(PostgresError) -> Bool {
        try await database.query(
            """
            SELECT has_database_privilege(current_database(), 'CREATE') AND NOT pg_is_in_recovery()
                AND NOT current_setting('default_transaction_read_only')::boolean AS may_try
            """,
            retry: .idempotent
        ).first?.decode("may_try") ?? false
    }

    private func differences(from applied: [Migration]) async throws -> [SchemaDifference] {
        let scripts = applied.map { Self.renamed($0.up) }
        do {
            return try await database.transaction { transaction -> [SchemaDifference] in
                // Definitions are printed relative to the search path: neither schema may be on it.
                try transaction.script(
                    """
                    SET LOCAL search_path = pg_catalog; SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '20s';
                    SET LOCAL client_min_messages = error
                    """
                )
                let found = try SchemaObject.all(in: "stillhouse", transaction)
                try transaction.script(Self.standIn)
                for script in scripts { try transaction.script(script) }
                let expected = try SchemaObject.all(in: Self.scratch, transaction)
                throw Undone(differences: SchemaDifference.between(expected: expected, found: found))
            }
        } catch let undone as Undone {
            return undone.differences
        }
    }

    /// Rolls the transaction back and carries the answer out of it.
    private struct Undone: Error { let differences: [SchemaDifference] }

    /// In place of the migrator's schema, whose owner and rights a migration may change.
    private static let standIn = """
        CREATE SCHEMA \(scratch)_migration;
        CREATE TABLE \(scratch)_migration.schema_migration (
            number integer PRIMARY KEY, name text, checksum text, applied_at timestamptz
        )
        """

    /// The same migration for other schemas: `stillhouse` and `stillhouse_migration` as whole words, which
    /// `stillhouse_owner` is not.
    static func renamed(_ script: String) -> String {
        var text = ""
        var rest = script[...]
        while let range = rest.firstRange(of: "stillhouse") {
            let before = rest[..<range.lowerBound].last
            let after = rest[range.upperBound...].prefix { $0.isPartOfName }
            let isWhole = !(before?.isPartOfName ?? false) && ["", "_migration"].contains(after)
            text += rest[..<range.lowerBound] + (isWhole ? scratch : "stillhouse")
            rest = rest[range.upperBound...]
        }
        return text + rest
    }
}

extension Character {
    fileprivate var isPartOfName: Bool { isLetter || isNumber || self == "_" }
}
