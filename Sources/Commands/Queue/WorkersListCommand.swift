import ArgumentParser
import Stores

/// Lists workers with an open session.
struct WorkersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List workers, with what they hold and how fast they are.",
        discussion: "Of every run, unless one is named. A worker that has been silent for an hour is left out."
    )

    @Option(name: .customLong("run"), help: "Only workers of this run.")
    var runName: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let workers = try await database.withDatabase { database in
            var run: RunID?
            if let runName { run = try await RunStore(database).run(named: runName).id }
            let now = try await ProgressStore(database).serverTime()
            return try await WorkerStore(database).list(of: run).map { WorkerSnapshot($0, now: now) }
        }
        if output.isJSON { try JSONOutput.print(workers) } else { print(WorkerSnapshot.table(workers)) }
    }
}
