import ArgumentParser
import Foundation
import Logging
import Postgres
import Recipes

/// `quickstart`: everything on this machine, from an empty database to weights and pictures.
struct QuickstartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart",
        abstract: "Distil on this machine: a private PostgreSQL, a coordinator, an aggregator and two workers.",
        discussion: """
            Each role is a process of its own whose number is printed: kill one, and see that nothing is lost. Weights, \
            pictures, report and logs come to lie in ./stillhouse-quickstart/.
            """
    )

    private static let sampleRecipe = "quickstart"
    private static let sceneCount = 240
    private static let sceneSeed: UInt64 = 2026

    @Option(help: "A recipe file or the name of a shipped one.")
    var recipe = sampleRecipe

    @Option(help: "Directory of the sample model and drawings, which the recipe `quickstart` reads.")
    var samples = "Deploy/samples"

    @Option(name: .customLong("set"), help: "A setting laid over the recipe, such as schedule.updates=20; repeatable.")
    var settings: [String] = []

    @Option(help: "Number of updates, instead of the recipe's.")
    var steps: Int?

    @Option(help: "Number of worker processes.")
    var workers = 2

    @Option(help: "Directory for the results.")
    var output = "stillhouse-quickstart"

    @Option(help: "Data directory of the private PostgreSQL; by default the one of `stillhouse server`.")
    var server: String?

    func validate() throws {
        if workers < 1 { throw ValidationError("--workers is \(workers); at least one must compute.") }
        if let steps, steps < 1 { throw ValidationError("--steps is \(steps); at least one step makes a version.") }
    }

    func run() async throws {
        let recipe = try RecipeLoader().load(recipe, settings: sampleSettings + settings)
        let quickstart = Quickstart(
            recipe: recipe,
            workerCount: workers,
            output: URL(fileURLWithPath: output, isDirectory: true),
            scenes: isSample ? sampleScenes : [],
            serverDirectory: server ?? PrivateServer.Configuration.defaultDirectory(environment: ProcessEnvironment.all)
        )
        try await quickstart.run()
    }

    /// Other recipes say themselves where their weights and pictures are.
    private var isSample: Bool { recipe == Self.sampleRecipe }

    /// Composed by another seed than any scene of training.
    private var sampleScenes: [Quickstart.Scenes] {
        [("scenes of known drawings", "known", "train"), ("scenes of other drawings", "other", "held-out")].map {
            Quickstart.Scenes(
                title: $0,
                folder: "scenes/\($1)",
                files: SceneFiles(root: "\(samples)/desk/\($2)", seed: Self.sceneSeed),
                count: Self.sceneCount
            )
        }
    }

    private var sampleSettings: [String] {
        var list: [String] = []
        if isSample {
            let path = URL(fileURLWithPath: samples, isDirectory: true).path
            list += [
                "start.weights=\(path)/desk-clip/model.safetensors", "data.root=\(path)/desk/train",
                "evaluation.class_embeddings=\(path)/desk-clip/classes.safetensors",
            ]
        }
        if let steps {
            list += ["schedule.updates=\(steps)", "schedule.warmup_updates=\(min(5, steps))"]
        }
        return list
    }
}
