import ArgumentParser

/// `bench`: what this machine could do, and how near we come.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure against what the machine could do.",
        subcommands: [E2ECommand.self]
    )
}
