import ArgumentParser
import Postgres
import Stores
import Tensors

/// `run fork`: a run that starts from a version of another one.
struct RunForkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fork",
        abstract: "Create a run that starts from any version of another that is still kept.",
        discussion: """
            The new run shares the version's chunks, so nothing is copied. Its recipe is the other's with the settings \
            of --set laid over it; optimizer and schedule start afresh. A frozen teacher stays the one that the first \
            run started with; a moving one, and its centre, go on from where they are at that version. `stillhouse weights list RUN` shows which versions are kept.
            """
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var logging: LoggingOptions

    @Argument(help: "Name of the new run.")
    var name: String

    @Option(name: .customLong("from"), help: "The run to start from, its newest version or RUN@NUMBER.")
    var origin: VersionArgument

    @Option(
        name: .customLong("set"),
        help: "A setting laid over the other run's recipe, such as schedule.learning_rate=1e-6; repeatable."
    )
    var settings: [String] = []

    @Flag(help: "Print what was created as JSON.")
    var json = false

    func run() async throws {
        let outcome = try await database.withDatabase { database in
            try await RunFork(database: database).create(name: name, from: origin, settings: settings)
        }
        for warning in outcome.warnings { StandardError.write("warning: \(warning)") }
        let summary = Summary(run: name, origin: outcome.origin, steps: outcome.totalSteps)
        if json { return try JSONOutput.print(summary) }
        print(
            """
            Created run \(name) from version \(outcome.origin.number) of \(outcome.origin.run): \
            \(Units.count(outcome.totalSteps)) steps.
            """
        )
    }

    private struct Summary: Encodable {
        let run: String
        let origin: RunOrigin
        let steps: Int
    }
}
