import ArgumentParser

/// The group of commands for workers, wherever they run.
struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "List workers and ask them to leave.",
        subcommands: [WorkersListCommand.self, WorkersDrainCommand.self]
    )
}
