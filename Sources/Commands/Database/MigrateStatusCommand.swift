import ArgumentParser
import Foundation
import Migrations
import Postgres

/// Lists the schema's history, as far as this build and the database know it.
struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "List the migrations and which of them are applied."
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let database = try await database.openUnchecked()
        let migrator = Migrator(Migration.all, logger: DatabaseOptions.quietLogger)
        let entries = try await migrator.status(database).map(Entry.init)
        if output.isJSON { return try JSONOutput.print(entries) }
        var table = TextTable([("number", .right), ("name", .left), ("state", .left), ("applied", .left)])
        for entry in entries {
            table.append([
                "\(entry.number)", entry.name, entry.state, entry.appliedAt?.formatted(.iso8601) ?? "",
            ])
        }
        print(table.text)
    }

    /// One line of the list.
    struct Entry: Encodable {
        let number: Int
        let name: String
        /// `pending`, `applied`, `changed` (this build's text differs) or `unknown` (of a newer build).
        let state: String
        let appliedAt: Date?

        init(_ status: MigrationStatus) {
            (number, name) = (status.number, status.name)
            switch status.state {
            case .pending: (state, appliedAt) = ("pending", nil)
            case .applied(let date): (state, appliedAt) = ("applied", date)
            case .changed(let date): (state, appliedAt) = ("changed", date)
            case .unknown(let date): (state, appliedAt) = ("unknown", date)
            }
        }
    }
}
