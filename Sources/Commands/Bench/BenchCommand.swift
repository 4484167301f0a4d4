import ArgumentParser

/// The group of commands that measure.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this machine: the parameter store and the queue.",
        subcommands: [StoreBenchCommand.self, QueueBenchCommand.self]
    )
}
