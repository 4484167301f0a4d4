import ArgumentParser
import Migrations
import Postgres

/// Says whether this build can use the database as it is.
struct MigrateValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check that this build can use the database as it is.",
        discussion: "Exit status 0 when it can, 64 when the schema is missing, older or altered, 76 when it is newer."
    )

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        try await database.withDatabase { _ in
            print("The schema is the one of this build, version \(Migration.all.last?.number ?? 0).")
        }
    }
}
