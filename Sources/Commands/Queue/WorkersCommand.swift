import ArgumentParser

/// The group of commands for workers, wherever they run.
struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "Lists workers and asks them to leave.",
        subcommands: [WorkersListCommand.self, WorkersDrainCommand.self]
    )
}
