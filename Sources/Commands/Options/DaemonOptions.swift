import ArgumentParser
import Logging
import Postgres

/// What every long-running role lets one choose about its database.
struct DaemonOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var logging: LoggingOptions

    @Option(help: "Seconds without the database after which to give up and exit with status 69.")
    var giveUp: Double = 900

    @Flag(inversion: .prefixedNo, help: "Listen for notifications; without, as behind a transaction pooler, poll only.")
    var listen = true

    func validate() throws {
        if giveUp < 0 { throw ValidationError("--give-up is \(giveUp); it cannot be negative.") }
    }

    func open(_ logger: Logger) async throws -> Database {
        let database = try await database.open(logger: logger, persistence: Database.Persistence(patience: patience))
        // Long enough for any statement of ours; a role that knows the database's settings may shorten it.
        await database.limitSilence(to: .seconds(60))
        return database
    }

    var patience: Duration { .seconds(giveUp) }

    /// A connection for beats and for renewing leases: it never repeats a call, as an answer that comes late is of no use.
    func leaseDatabase(_ logger: Logger) async throws -> Database {
        let database = Database(
            try database.configuration(),
            logger: logger,
            name: "lease",
            persistence: Database.Persistence(patience: .zero)
        )
        await database.limitSilence(to: .seconds(5))
        return database
    }

    /// Where to listen, nil for polling only.
    func notifications() throws -> PostgresConfiguration? { listen ? try database.configuration() : nil }
}
