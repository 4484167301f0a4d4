import ArgumentParser
import Logging
import Postgres

/// Which database a command talks to.
struct DatabaseOptions: ParsableArguments {
    @Option(
        name: .customLong("database-url"),
        help: ArgumentHelp(
            "postgresql://user@host:5432/database, or libpq's key=value form.",
            discussion: """
                Without it, STILLHOUSE_DATABASE_URL decides, and then libpq's own PG* variables and files. A URL with a \
                password belongs in the environment or in a password file: arguments show in the process list.
                """
        )
    )
    var databaseURL: String?

    /// The database that flag or environment name.
    /// - Throws: `CommandFailure` when neither names one.
    func configuration() throws -> PostgresConfiguration {
        if let url = databaseURL ?? ProcessEnvironment[.databaseURL] { return try PostgresConfiguration(parsing: url) }
        let environment = ProcessEnvironment.all
        guard ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"].contains(where: { environment[$0] != nil }) else {
            throw CommandFailure(
                .usage,
                """
                No database is named. Pass --database-url, or set STILLHOUSE_DATABASE_URL; for a private server on this \
                machine: export STILLHOUSE_DATABASE_URL=$(stillhouse server url)
                """
            )
        }
        return PostgresConfiguration(environment: environment)
    }
}
