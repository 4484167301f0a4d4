import Logging
import Migrations
import Postgres
import Telemetry

extension DatabaseOptions {
    /// The database that flag or environment name, reachable and with this build's schema.
    ///
    /// - Parameters:
    ///   - logger: by default one that is silent but for errors, as suits a command that prints its answer and ends.
    ///   - persistence: daemons bring one with more patience.
    /// - Throws: `CommandFailure` when the schema is missing, older or newer; `PostgresError` when it cannot be reached
    ///   or has another history.
    func open(
        logger: Logger? = nil,
        persistence: Database.Persistence = Database.Persistence()
    ) async throws -> Database {
        let database = try await openUnchecked(logger: logger, persistence: persistence)
        let migrator = Migrator(Migration.all, logger: logger ?? Self.quietLogger)
        try SchemaCheck.check(try await migrator.status(database))
        try await migrator.validate(database)
        return database
    }

    /// The same without a look at the schema, for `migrate`, which is there to change it.
    func openUnchecked(
        logger: Logger? = nil,
        persistence: Database.Persistence = Database.Persistence()
    ) async throws -> Database {
        let database = Database(
            try configuration(),
            logger: logger ?? Self.quietLogger,
            name: "command",
            persistence: persistence
        )
        try await database.connect()
        return database
    }

    /// Opens the database, hands it to `body`, and closes it whatever happens.
    func withDatabase<R>(_ body: (Database) async throws -> R) async throws -> R {
        let database = try await open()
        do {
            let result = try await body(database)
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }

    /// Errors only, as text on standard error.
    static var quietLogger: Logger {
        Logger(label: "stillhouse") { label in StreamLogHandler(label: label, format: .text, level: .error) }
    }
}
