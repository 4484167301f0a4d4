import ArgumentParser
import Stores

/// Asks workers to leave.
struct WorkersDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Ask workers to finish what they hold and leave.",
        discussion: "Each learns it with its next beat, within seconds, and ends with exit status 0."
    )

    @Argument(help: "Number of one worker, as `workers list` shows it.")
    var worker: Int64?

    @Flag(name: .customLong("all"), help: "All workers, or all of the run that is named.")
    var isForAll = false

    @Option(name: .customLong("run"), help: "With --all: only workers of this run.")
    var runName: String?

    @OptionGroup var database: DatabaseOptions

    func validate() throws {
        if (worker != nil) == isForAll { throw ValidationError("Name one worker, or say --all.") }
        if worker != nil, runName != nil { throw ValidationError("--run goes with --all.") }
    }

    func run() async throws {
        let count = try await database.withDatabase { database in
            var run: RunID?
            if let runName { run = try await RunStore(database).run(named: runName).id }
            return try await WorkerStore(database).drain(alias: worker, of: run)
        }
        if let worker, count == 0 {
            throw CommandFailure(
                .usage,
                "There is no active worker \(worker). `stillhouse workers list` shows those there are."
            )
        }
        print("Asked \(count) \(count == 1 ? "worker" : "workers") to leave.")
    }
}
