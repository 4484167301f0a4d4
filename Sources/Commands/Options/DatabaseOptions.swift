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
                password is refused here, as arguments show in the process list: it belongs in the environment, a \
                service file or a password file.
                """
        )
    )
    var databaseURL: String?

    @Flag(
        name: .customLong("insecure"),
        help: "Permit clear text beyond this machine, where sslmode=verify-full is the rule otherwise."
    )
    var isInsecure = false

    /// The database that flag or environment name.
    /// - Throws: `CommandFailure` when neither names one, or an argument holds a password.
    func configuration() throws -> PostgresConfiguration {
        var configuration = try named()
        configuration.permitsPlaintext = isInsecure
        return configuration
    }

    private func named() throws -> PostgresConfiguration {
        let environment = ProcessEnvironment.all
        if let databaseURL {
            let configuration = try PostgresConfiguration(parsing: databaseURL)
            for keyword in ["password", "sslpassword"] where configuration[option: keyword] != nil {
                throw CommandFailure(
                    .usage,
                    """
                    --database-url holds a \(keyword), which the process list shows to everybody on this machine. Put the \
                    URL into STILLHOUSE_DATABASE_URL, or the password into PGPASSWORD or ~/.pgpass; and change the \
                    password, as it may have been seen.
                    """
                )
            }
            return configuration.filled(from: environment)
        }
        if let url = ProcessEnvironment[.databaseURL] {
            return try PostgresConfiguration(parsing: url).filled(from: environment)
        }
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
