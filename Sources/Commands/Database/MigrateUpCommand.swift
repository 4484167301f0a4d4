import ArgumentParser
import Migrations
import Postgres
import Stores

/// Applies the migrations that the database has not had.
struct MigrateUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Apply the migrations that are missing.",
        discussion: "Each is one transaction. Safe to repeat, and from several machines at once."
    )

    @Option(name: .customLong("to"), help: "Number of the last migration to apply; all by default.")
    var last: Int?

    @OptionGroup var database: DatabaseOptions

    func validate() throws {
        guard let last, !Migration.all.contains(where: { $0.number == last }) else { return }
        throw ValidationError("There is no migration \(last): this build has 1 to \(Migration.all.last?.number ?? 0).")
    }

    func run() async throws {
        let database = try await database.openUnchecked()
        let migrator = Migrator(Migration.all, logger: DatabaseOptions.quietLogger)
        let applied = try await migrator.up(database, to: last ?? .max)
        for migration in applied { print("applied \(migration)") }
        if applied.isEmpty { print("Nothing to apply.") }
        let remedies = try await PrivilegeStore(database).openDoors()
        if remedies.isEmpty { return }
        print("\nThis login may not close the following to everybody on the server. An administrator had better run:")
        for remedy in remedies { print("    \(remedy)") }
    }
}
