import ArgumentParser

/// The group of commands for runs.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Create, list and steer runs.",
        discussion: "A run is one training: a recipe, start weights, and the versions that come of them.",
        subcommands: [
            RunCreateCommand.self, RunForkCommand.self, RunListCommand.self, RunShowCommand.self,
            RunMetricsCommand.self, RunSamplesCommand.self, RunPauseCommand.self, RunResumeCommand.self,
            RunRewindCommand.self,
            RunCancelCommand.self,
        ]
    )
}
