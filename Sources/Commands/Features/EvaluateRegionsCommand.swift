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
            crops is --teacher, else the run's start weights, else the weights themselves.
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

    @Option(help: "Side of the student's picture in pixels; by default the run's, or the model's native one.")
    var size: Int?

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
        let backend = measured.backend.backend()
        let subject = try await self.subject(on: backend)
        guard let file = annotations ?? subject.recipe?.evaluation.annotations,
            let root = images ?? subject.recipe?.evaluation.root
        else {
            throw CommandFailure(
                .usage,
                "No pictures are named. Give --annotations and --images, or set `evaluation` in the run's recipe."
            )
        }
        var configuration =
            try subject.recipe?.regionEvaluation
            ?? RegionEvaluator.Configuration(studentSize: subject.tower.studentSide(size))
        if let size { configuration.studentSize = size }
        if let regionsPerImage { configuration.regionsPerImage = regionsPerImage }
        let evaluator = try RegionEvaluator(
            configuration,
            tower: subject.tower,
            student: subject.student,
            teacher: subject.teacher,
            on: backend
        )
        let place = try ImageRoot(root)
        let scan = try await COCODataset(annotationFile: file, root: place).scan()
        let dataset = Dataset(index: scan.index, root: place)
        let embeddings = try (classes ?? subject.recipe?.evaluation.classEmbeddings).map(ClassEmbeddings.init(path:))
        var line = ProgressLine("evaluating", total: dataset.count, unit: "pictures")
        let result = try await evaluator.evaluate(
            dataset,
            annotations: embeddings == nil ? nil : RegionAnnotations(path: file),
            classes: embeddings,
            progress: { line.update($0) }
        )
        line.finish()
        if json { try JSONOutput.print(result) } else { print(result.table) }
    }

    /// What is measured against what.
    private struct Subject {
        var tower: VisionTransformer.Configuration
        var student: ParameterTree
        var teacher: ParameterTree
        var recipe: Recipe?
    }

    private func subject(on backend: any Backend) async throws -> Subject {
        if let weights = measured.weights, let model = measured.model {
            let loaded = try LoadedTower(weights: weights, model: ModelOptions.configuration(of: model), on: backend)
            let tower = loaded.configuration.vision
            let teacher = try teacherTree(tower, on: backend) ?? loaded.tree
            return Subject(tower: tower, student: loaded.tree, teacher: teacher)
        }
        let name = measured.run ?? ""
        return try await measured.database.withDatabase { database in
            let run = try await RunStore(database).run(named: name)
            let tower = try ModelConfiguration(json: run.model.utf8).vision
            let wanted = try VisionTransformer.parameters(of: tower)
            let export = VersionExport(database: database)
            func tree(_ role: VersionExport.Role, _ number: Int?, _ alpha: Double?) async throws -> ParameterTree {
                let checkpoint = try await export.checkpoint(of: run, role: role, number: number, alpha: alpha)
                return try ModelWeights(checkpoint, named: "run \(run.name)", for: wanted, on: backend).parameters
            }
            let given = try teacherTree(tower, on: backend)
            let teacher = if let given { given } else { try await tree(.student, 0, 1) }
            return Subject(
                tower: tower,
                student: try await tree(measured.role ?? .student, measured.number, measured.mix),
                teacher: teacher,
                recipe: try Recipe(json: run.recipe, source: "recipe of run \(run.name)")
            )
        }
    }

    private func teacherTree(
        _ tower: VisionTransformer.Configuration,
        on backend: any Backend
    ) throws -> ParameterTree? {
        try teacher.map { try LoadedTower.tree($0, VisionTransformer.parameters(of: tower), on: backend) }
    }
}
