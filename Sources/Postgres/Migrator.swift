import Foundation
package import Logging

/// Moves a schema up and down its numbered history, each step in a transaction of its own under one advisory lock.
///
/// Several migrators at once are safe: the lock makes them take turns, and each looks at the ledger after it has the lock.
/// The ledger has a schema to itself, so that the first migration may create and drop the product's.
package struct Migrator: Sendable {
    private let migrations: [Migration]
    private let schema: String
    private let lockTimeout: Duration
    private let logger: Logger

    /// - Precondition: numbers ascend.
    package init(
        _ migrations: [Migration],
        schema: String = "stillhouse_migration",
        lockTimeout: Duration = .seconds(5),
        logger: Logger
    ) {
        precondition(zip(migrations, migrations.dropFirst()).allSatisfy { $0.number < $1.number }, "numbers ascend")
        self.migrations = migrations
        self.schema = schema
        self.lockTimeout = lockTimeout
        self.logger = logger
    }

    /// Applies what is missing, up to and including a number.
    /// - Returns: those applied by this call.
    @discardableResult
    package func up(_ database: Database, to last: Int = .max) async throws(PostgresError) -> [Migration] {
        var applied: [Migration] = []
        for migration in migrations where migration.number <= last {
            let isNew = try await step(database, "migrate up") { transaction, ledger throws(PostgresError) in
                guard !ledger.contains(migration) else { return false }
                try transaction.script(migration.up, statement: "\(migration), up")
                try transaction.execute(
                    """
                    INSERT INTO \(identifier: schema).schema_migration (number, name, checksum)
                    VALUES (\(migration.number), \(migration.name), encode(sha256(\(migration.signedBytes)), 'hex'))
                    """
                )
                return true
            }
            if isNew {
                applied.append(migration)
                logger.notice("migration applied", metadata: ["migration.number": "\(migration.number)"])
            }
        }
        // Also when nothing is missing: a newer or changed schema is an error then too.
        if migrations.isEmpty || applied.isEmpty { try await validate(database) }
        return applied
    }

    /// Undoes everything after a number; 0 undoes all.
    ///
    /// - Parameter isForced: also when tables that would be dropped hold rows.
    /// - Returns: those undone by this call.
    @discardableResult
    package func down(
        _ database: Database,
        to number: Int,
        isForced: Bool = false
    ) async throws(PostgresError) -> [Migration] {
        var undone: [Migration] = []
        for migration in migrations.reversed() where migration.number > number {
            // Everything that the whole way down would delete is looked at first, so that it never stops half-way.
            let guarded = migrations.filter { (number + 1...migration.number).contains($0.number) }
            let isNew = try await step(database, "migrate down") { transaction, ledger throws(PostgresError) in
                guard ledger.contains(migration) else { return false }
                if !isForced { try refuseRows(of: guarded.flatMap(\.guardedTables), transaction) }
                try transaction.script(migration.down, statement: "\(migration), down")
                try transaction.execute(
                    "DELETE FROM \(identifier: schema).schema_migration WHERE number = \(migration.number)"
                )
                return true
            }
            if isNew {
                undone.append(migration)
                logger.notice("migration undone", metadata: ["migration.number": "\(migration.number)"])
            }
        }
        return undone
    }

    /// Every migration that this build or the database knows; changes nothing.
    package func status(_ database: Database) async throws(PostgresError) -> [MigrationStatus] {
        let checksums = try await checksums(database)
        guard try await hasLedger(database) else {
            return migrations.map { MigrationStatus(number: $0.number, name: $0.name, state: .pending) }
        }
        let rows = try await database.query(
            "SELECT number, name, checksum, applied_at FROM \(identifier: schema).schema_migration ORDER BY number",
            retry: .idempotent
        )
        var statuses: [Int: MigrationStatus] = [:]
        for migration in migrations {
            statuses[migration.number] = .init(number: migration.number, name: migration.name, state: .pending)
        }
        for row in rows {
            let number = try row.decode("number", as: Int.self)
            let date = try row.decode("applied_at", as: Date.self)
            let own = migrations.firstIndex { $0.number == number }
            let isSame = try own.map { checksums[$0] } == row.decode("checksum", as: String.self)
            statuses[number] = MigrationStatus(
                number: number,
                name: try row.decode("name"),
                state: own == nil ? .unknown(at: date) : isSame ? .applied(at: date) : .changed(at: date)
            )
        }
        return statuses.values.sorted { $0.number < $1.number }
    }

    /// Refuses a database whose history is not the beginning of this build's; pending migrations are fine.
    package func validate(_ database: Database) async throws(PostgresError) {
        guard try await hasLedger(database) else { return }
        let rows = try await database.query(ledgerQuery, retry: .idempotent)
        try Self.ledger(rows).check(against: migrations, checksums: try await checksums(database))
    }

    /// One transaction under the lock, with the ledger read and checked after the lock is there.
    private func step(
        _ database: Database,
        _ statement: String,
        _ body: @Sendable (borrowing Transaction, MigrationLedger) throws(PostgresError) -> Bool
    ) async throws(PostgresError) -> Bool {
        let checksums = try await checksums(database)
        do {
            return try await database.transaction(statement: statement) { transaction in
                try lock(transaction)
                try assumeOwner(transaction)
                try makeLedger(transaction)
                let ledger = try Self.ledger(transaction.query(ledgerQuery))
                try ledger.check(against: migrations, checksums: checksums)
                return try body(transaction, ledger)
            }
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError(.migration, "\(error)", statement: statement)
        }
    }

    private func lock(_ transaction: borrowing Transaction) throws(PostgresError) {
        let milliseconds = Int64(lockTimeout / .milliseconds(1))
        // A role's statement_timeout is meant for the product's short calls.
        try transaction.script("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = \(milliseconds)")
        do {
            try transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended(\(schema), 0))")
        } catch  where error.sqlState == .lockNotAvailable {
            throw PostgresError(
                .migration,
                "another process has been migrating this database for \(lockTimeout)",
                nextStep: "Wait for it to end, then try again",
                sqlState: error.sqlState
            )
        }
    }

    /// Runs as the role that owns the history, so that what a migration makes belongs to it whichever member migrates.
    private func assumeOwner(_ transaction: borrowing Transaction) throws(PostgresError) {
        let rows = try transaction.query(
            "SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = \(schema)"
        )
        // Quoted by the server where it has to be.
        if let owner: String = try rows.first?.decode("owner") { try transaction.script("SET LOCAL ROLE \(owner)") }
    }

    private func makeLedger(_ transaction: borrowing Transaction) throws(PostgresError) {
        // CREATE SCHEMA IF NOT EXISTS wants the right to create one even if it exists.
        let name = schema
        let exists = try transaction.query("SELECT FROM pg_namespace WHERE nspname = \(name)")
        let schema = Query.quoted(identifier: schema)
        if exists.isEmpty { try transaction.script("CREATE SCHEMA \(schema)") }
        try transaction.script(
            """
            CREATE TABLE IF NOT EXISTS \(schema).schema_migration (
                number integer PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
            );
            """
        )
    }

    private func refuseRows(of tables: [String], _ transaction: borrowing Transaction) throws(PostgresError) {
        var filled: [String] = []
        for table in tables {
            let found = try transaction.query("SELECT to_regclass(\(table)) IS NOT NULL AS found")
            guard try found.first?.decode("found") ?? false else { continue }
            // The name comes from the migration itself.
            let rows = try transaction.query("SELECT FROM \(unescaped: table) LIMIT 1")
            if !rows.isEmpty { filled.append(table) }
        }
        if filled.isEmpty { return }
        throw PostgresError(
            .migration,
            "migrating down would delete the rows of \(filled.joined(separator: ", "))",
            nextStep: "Make a backup, then repeat with --force if they may go"
        )
    }

    private func hasLedger(_ database: Database) async throws(PostgresError) -> Bool {
        let name = Query.quoted(identifier: schema) + ".schema_migration"
        let rows = try await database.query("SELECT to_regclass(\(name)) IS NOT NULL AS found", retry: .idempotent)
        return try rows.first?.decode("found") ?? false
    }

    /// SHA-256 by the server, which saves this layer a library.
    private func checksums(_ database: Database) async throws(PostgresError) -> [String] {
        let rows = try await database.query(
            """
            SELECT encode(sha256(content), 'hex') AS checksum
            FROM unnest(\(migrations.map(\.signedBytes))) WITH ORDINALITY AS file (content, place) ORDER BY place
            """,
            retry: .idempotent
        )
        return try rows.map { row throws(PostgresError) in try row.decode("checksum") }
    }

    private var ledgerQuery: Query {
        "SELECT number, name, checksum FROM \(identifier: schema).schema_migration ORDER BY number"
    }

    private static func ledger(_ rows: [Row]) throws(PostgresError) -> MigrationLedger {
        MigrationLedger(
            entries: try rows.map { row throws(PostgresError) in
                MigrationLedger.Entry(
                    number: try row.decode("number"),
                    name: try row.decode("name"),
                    checksum: try row.decode("checksum")
                )
            }
        )
    }
}
