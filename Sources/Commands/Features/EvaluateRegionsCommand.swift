import ArgumentParser
import Checkpoints
import Datasets
import Evaluators
import Foundation
import Layers
import Models
import Postgres
import Recipes
import Stores
import Tensors

/// `stillhouse evaluate regions`
struct EvaluateRegionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regions",
        abstract: "Do dense features agree with crops of the same regions, and bear the regions' names?",
        discussion: """
            Measures the mean cosine of a region's dense feature and its crop's embedding, how often a region finds its \
            own crop among all, and with --classes the mean accuracy over classes by boxes, masks and crops.

            Weights come from a file (--weights, --model) or from a run (--run), whose recipe then also says how large \
            pictures are read and, unless --annotations and --images do, which pictures. The teacher that embeds the \
            crops is --teacher, else the run's start weights, else the weights themselves. Several sizes take less time \
            together than one by one, as crops are embedded once.
            """
    )

    @OptionGroup var measured: MeasuredWeightsOptions

    @Option(help: ArgumentHelp("Weights that embed the crops.", valueName: "weights"))
    var teacher: String?

    @Option(help: ArgumentHelp("COCO JSON with boxes, and perhaps outlines.", valueName: "file"))
    var annotations: String?

    @Option(help: ArgumentHelp("Directory or http(s) address of its pictures.", valueName: "root"))
    var images: String?

    @Option(
        help: ArgumentHelp("Safetensors file with `embeddings` [C, E] and `names` in its metadata.", valueName: "file")
    )
    var classes: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Sides of the student's picture in pixels, each a reading; by default the run's, or the model's native one.",
            valueName: "pixels"
        )
    )
    var size: [Int] = []

    @Option(help: ArgumentHelp("Most regions of one picture that are looked at.", valueName: "count"))
    var regionsPerImage: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if let regionsPerImage, regionsPerImage < 1 {
            throw ValidationError("--regions-per-image is \(regionsPerImage); it must be 1 or more.")
        }
    }

    func run() async throws {
        let recipe = try await recipe()
        guard let file = annotations ?? recipe?.evaluation.annotations, let root = images ?? recipe?.evaluation.root
        else {
            throw CommandFailure(
                .usage,
                "No pictures are named. Give --annotations and --images, or set `evaluation` in the run's recipe."
            )
        }
        let weights = try await measured.load()
        if weights.prompts != nil, let run = measured.run {
            throw CommandFailure(
                .usage,
                "Run \(run) learns prompts for an encoder that stays as it is. Measure that, its `start.weights`, by --weights."
            )
        }
        var configuration = recipe?.regionEvaluation ?? RegionEvaluator.Configuration()
        if let regionsPerImage { configuration.regionsPerImage = regionsPerImage }
        let (tower, student) = (weights.model.vision, try weights.imageTree())
        let sizes = size.isEmpty ? [try recipe?.regionEvaluationSize ?? tower.studentSide(nil)] : size
        let evaluator = try RegionEvaluator(
            configuration,
            tower: tower,
            readings: sizes.map { try DenseReading(student, tower: tower, size: tower.studentSide($0)) },
            teacher: await teacherTree(beside: weights) ?? student,
            on: weights.backend
        )
        let place = try ImageRoot(root)
        let scan = try await COCODataset(annotationFile: file, root: place).scan()
        let dataset = Dataset(index: scan.index, root: place)
        let embeddings = try (classes ?? recipe?.evaluation.classEmbeddings).map(ClassEmbeddings.init(path:))
        var line = ProgressLine("evaluating", total: dataset.count, unit: "pictures")
        let readings = try await evaluator.evaluate(
            dataset,
            annotations: embeddings == nil ? nil : RegionAnnotations(path: file),
            classes: embeddings,
            progress: { line.update($0) }
        )
        line.finish()
        if json { return try JSONOutput.print(Report(weights: weights.origin, readings: readings)) }
        print("\(weights.origin.text)\n")
        print(readings.map(\.table).joined(separator: "\n\n"))
    }

    /// What is printed as JSON.
    private struct Report: Encodable {
        let weights: MeasuredWeights.Origin
        let readings: [RegionEvaluation]
    }

    /// The run's, if one is measured.
    private func recipe() async throws -> Recipe? {
        guard let name = measured.run else { return nil }
        return try await measured.database.withDatabase { database in
            let run = try await RunStore(database).run(named: name)
            return try Recipe(json: run.recipe, source: "recipe of run \(run.name)")
        }
    }

    /// The weights of --teacher, or those that the run began with; nil for weights that are a file's.
    private func teacherTree(beside weights: MeasuredWeights) async throws -> ParameterTree? {
        let wanted = try VisionTransformer.parameters(of: weights.model.vision)
        if let teacher { return try LoadedTower.tree(teacher, wanted, on: weights.backend) }
        guard let name = measured.run else { return nil }
        return try await measured.database.withDatabase { database in
            let run = try await RunStore(database).run(named: name)
            let start = try await VersionExport(database: database)
                .checkpoint(of: run, role: .student, number: 0, alpha: 1)
            return try ModelWeights(start, named: "run \(run.name), version 0", for: wanted, on: weights.backend)
                .parameters
        }
    }
}
