package import ArgumentParser

/// The whole command line: nouns, then verbs.
package struct StillhouseCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "stillhouse",
        abstract: "Distil CLIP vision transformers on many machines with only PostgreSQL between them.",
        version: Build.version,
        groupedSubcommands: [
            CommandGroup(name: "Try it:", subcommands: [QuickstartCommand.self]),
            CommandGroup(
                name: "The database:",
                subcommands: [
                    ServerCommand.self, MigrateCommand.self, LoginCommand.self, VerifyCommand.self, GCCommand.self,
                ]
            ),
            CommandGroup(
                name: "A run and its roles:",
                subcommands: [
                    RecipeCommand.self, RunCommand.self, CoordinatorCommand.self, AggregatorCommand.self,
                    WorkerCommand.self,
                ]
            ),
            CommandGroup(
                name: "Watch and steer:",
                subcommands: [StatusCommand.self, DoctorCommand.self, JobsCommand.self, WorkersCommand.self]
            ),
            CommandGroup(
                name: "Weights, pictures, numbers:",
                subcommands: [
                    WeightsCommand.self, EncodeCommand.self, SegmentCommand.self, GradientCommand.self,
                    EvaluateCommand.self, InspectCommand.self, DatasetCommand.self,
                ]
            ),
            CommandGroup(name: "Measure:", subcommands: [BenchCommand.self]),
        ]
    )

    package init() {}

    /// Parses the arguments, runs what they say, and ends the process with the status that supervisors expect.
    package static func run() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            exit(withStatusOf: error)
        }
    }
}
