import ArgumentParser
import Logging
import Postgres

/// What every long-running role lets one choose about its database.
struct DaemonOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var logging: LoggingOptions

    @Option(help: "Seconds without the database after which to give up and exit with status 69.")
    var giveUp: Double = 900

    @Option(
        help: "Seconds of silence in the midst of a statement after which the connection counts as lost; 0 for never."
    )
    var answerLimit: Double = 30

    @Flag(inversion: .prefixedNo, help: "Listen for notifications; without, as behind a transaction pooler, poll only.")
    var listen = true

    func validate() throws {
        if answerLimit < 0 { throw ValidationError("--answer-limit is \(answerLimit); it cannot be negative.") }
        if giveUp < 0 { throw ValidationError("--give-up is \(giveUp); it cannot be negative.") }
    }

    func open(_ logger: Logger) async throws -> Database {
        try await database.open(
            logger: logger,
            answerTimeLimit: answerTimeLimit,
            persistence: Database.Persistence(patience: .seconds(giveUp))
        )
    }

    private var answerTimeLimit: Duration? { answerLimit > 0 ? .seconds(answerLimit) : nil }

    /// A connection for renewing leases: it never repeats a call, as an answer that comes late is of no use.
    func leaseDatabase(_ logger: Logger) throws -> Database {
        var configuration = try database.configuration()
        // A standby that waits for a dead connection would not take over; longer than this no lease can wait.
        configuration.answerTimeLimit = answerTimeLimit.map { min($0, .seconds(10)) }
        return Database(
            configuration,
            logger: logger,
            name: "lease",
            persistence: Database.Persistence(patience: .zero)
        )
    }

    /// Where to listen, nil for polling only.
    func notifications() throws -> PostgresConfiguration? { listen ? try database.configuration() : nil }
}
