import ArgumentParser
import Datasets
import Layers
import Postgres
import Recipes
import Stores
import Tensors

/// `run create`: a run from a recipe and start weights.
struct RunCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a run from a recipe: index its images, store its start weights as version 0.",
        discussion: """
            The recipe is stored with the run, and every worker takes it from there. Work begins as soon as a \
            coordinator, an aggregator and a worker are started.
            """
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var logging: LoggingOptions

    @Argument(help: "Name of the run; letters, digits, dots, dashes and underscores.")
    var name: String

    @Option(help: "A recipe file, or the name of a shipped one (see `stillhouse recipe list`).")
    var recipe: String

    @Option(name: .customLong("set"), help: "A setting laid over the recipe, such as data.root=/data/coco; repeatable.")
    var settings: [String] = []

    @Option(
        help: """
            What a crash of the database may cost: checkpointed (the versions since the last checkpoint, which are then \
            computed again with the same result) or full (nothing, for about twice the writing).
            """
    )
    var durability = RunDurability.checkpointed

    @Flag(help: "Print what was created as JSON.")
    var json = false

    func run() async throws {
        let recipe = try RecipeLoader().load(recipe, settings: settings)
        let database = try await database.open(logger: logging.logger("run"))
        let outcome = try await RunCreation(database: database, backend: CPUBackend.onAllCores())
            .create(name: name, recipe: recipe, durability: durability)
        for rejected in outcome.scan.rejectedImages { warn("image left out: \(rejected)") }
        for rejected in outcome.scan.rejectedAnnotations { warn("annotation left out: \(rejected)") }
        for rejected in outcome.scan.rejectedRecords { warn("record left out: \(rejected)") }
        for warning in outcome.scan.warnings { warn("\(warning)") }
        let summary = Summary(
            run: name,
            images: outcome.scan.index.count,
            durability: durability,
            steps: outcome.totalSteps,
            trainedParameters: outcome.plan.student.count,
            frozenParameters: outcome.plan.frozen.count,
            carriedTensors: outcome.carried.count
        )
        if json { return try JSONOutput.print(summary) }
        print(
            """
            Created run \(name): \(Units.count(summary.images)) images, \(Units.count(summary.steps)) steps, \
            \(Units.count(summary.trainedParameters)) trained and \(Units.count(summary.frozenParameters)) frozen \
            parameters.
            Next: stillhouse coordinator start, stillhouse aggregator start, stillhouse worker start; then \
            stillhouse status --watch
            """
        )
    }

    private struct Summary: Encodable {
        let run: String
        let images: Int
        let durability: RunDurability
        let steps: Int
        let trainedParameters: Int
        let frozenParameters: Int
        let carriedTensors: Int
    }

    private func warn(_ text: String) { StandardError.write("warning: \(text)") }
}
