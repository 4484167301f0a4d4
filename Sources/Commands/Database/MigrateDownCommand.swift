import ArgumentParser
import Migrations
import Postgres

/// Undoes the newest migrations.
struct MigrateDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Undo the newest migration, or all after a number.",
        discussion: "Refuses to delete runs and weights unless it is forced to."
    )

    @Option(name: .customLong("to"), help: "Number of the migration that shall be the newest then; 0 undoes all.")
    var target: Int?

    @Flag(name: .customLong("force"), help: "Also when runs and weights are deleted with the tables.")
    var isForced = false

    @OptionGroup var database: DatabaseOptions

    func validate() throws {
        if let target, target < 0 { throw ValidationError("--to \(target): numbers count from 1, and 0 means none.") }
    }

    func run() async throws {
        let database = try await database.openUnchecked()
        let migrator = Migrator(Migration.all, logger: DatabaseOptions.quietLogger)
        let applied = try await migrator.status(database).filter { $0.state != .pending }.map(\.number)
        let target = target ?? applied.dropLast().last ?? 0
        let undone = try await migrator.down(database, to: target, isForced: isForced)
        for migration in undone { print("undone \(migration)") }
        if undone.isEmpty { print("Nothing to undo.") }
    }
}
