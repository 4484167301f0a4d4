import ArgumentParser
import Stores

/// Lists all runs of the database.
struct RunListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List runs, the oldest first.")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let runs = try await database.withDatabase { try await RunStore($0).list() }.map(RunSummary.init)
        if output.isJSON { try JSONOutput.print(runs) } else { print(RunSummary.table(runs)) }
    }
}
