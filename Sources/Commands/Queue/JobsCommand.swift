import ArgumentParser

/// The group of commands for the queue by hand.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Show and steer single jobs of the queue.",
        discussion: """
            A job is one shard of a step. One that failed too often is dead and blocks its run: retry it when the cause \
            is gone, or cancel it, and the step closes without its samples.
            """,
        subcommands: [JobsListCommand.self, JobsShowCommand.self, JobsRetryCommand.self, JobsCancelCommand.self]
    )
}
