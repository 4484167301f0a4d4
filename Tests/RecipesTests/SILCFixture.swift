import Datasets
import Foundation
import Images
import Layers
import Objectives
import Recipes
import TestSupport
import Tensors

/// A small SILC recipe bound to a tiny model with random weights and a table of drawn pictures with captions.
struct SILCFixture {
    let folder: TemporaryDirectory
    let dataset: Dataset
    let plan: TrainingPlan
    let base: ParameterTree
    let start: [Float]
    let backend = CPUBackend(threadCount: 1)

    /// - Parameters:
    ///   - kind: the contrastive loss.
    ///   - regions: CLIPSelf's settings, for both objectives in one; nil for SILC alone.
    ///   - captions: of the pictures, in order.
    ///   - settings: laid over the recipe.
    init(
        _ kind: ContrastiveLoss.Kind = .sigmoid,
        regions: String? = nil,
        captions: [String] = (0..<12).map { "a drawing of number \($0), with words of its own" },
        _ settings: String...
    ) async throws {
        folder = try TemporaryDirectory()
        var table = "image,caption\n"
        for (index, caption) in captions.enumerated() {
            let noise = RandomGenerator(run: 3, epoch: 0, sample: UInt64(index), view: 0)
            let coarse = Image(width: 4, height: 3, pixels: (0..<36).map { UInt8(noise.integer(below: 256, at: $0)) })
            let picture = coarse.resized(width: 40 + 3 * index, height: 61 - 2 * index)
            try folder.write(PNGEncoder().encode(picture), to: "\(index).png")
            table += "\(index).png,\"\(caption)\"\n"
        }
        try folder.write(Array(table.utf8), to: "pairs.csv")
        let bias = kind == .sigmoid ? ", \"init_logit_bias\": -10" : ""
        try folder.write(Array(Self.model(bias).utf8), to: "model.json")
        let silc = """
            contrastive: \(kind.rawValue), prototypes: 24, head_hidden: 16, head_bottleneck: 8, student_batch: 64,
            views: {global: {size: 32}, local: {count: 3, size: 16}}
            """
        let objective = regions.map { "kind: combined, silc: {\(silc)}, clipself: {\($0)}" } ?? "kind: silc, \(silc)"
        let recipe = try RecipeLoader().parse(
            """
            name: trial
            seed: 11
            model: \(folder("model.json"))
            start: {initialize: 5}
            data: {kind: pairs, root: \(folder.path), annotations: \(folder("pairs.csv"))}
            objective: {\(objective.split(separator: "\n").joined(separator: " "))}
            schedule: {updates: 100, warmup_updates: 5}
            aggregation: {images_per_job: 4, jobs_per_step: 3}
            """,
            settings: settings
        )
        plan = try TrainingPlan(recipe, model: recipe.loadModel())
        dataset = try await recipe.data.open().dataset
        let tree = try plan.initialTree(seed: 5, on: backend)
        base = try plan.base(frozen: plan.frozen.flattened(tree), on: backend)
        start = try plan.student.flattened(tree)
    }

    private static func model(_ bias: String) -> String {
        """
        {"embed_dim": 16\(bias),
         "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 16, "head_width": 8, "layers": 1, "mlp_ratio": 2.0},
         "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 8, "heads": 1, "layers": 1}}
        """
    }

    func step(on other: (any Backend)? = nil) throws -> TrainingStep {
        try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: plan.recipe.seed,
            base: base,
            teacher: nil,
            on: other ?? backend
        )
    }

    /// The start with seeded noise, so that the student differs from its teacher, and a centre that is not zero.
    func weights(_ step: TrainingStep) throws -> VersionWeights {
        let noise = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        let student = start.enumerated().map { $1 + 0.02 * Float(noise.normal(at: $0)) }
        let teacher = plan.teacherRanges.flatMap { start[$0] }
        let centre = (0..<plan.centreSize).map { 0.05 * Float(noise.normal(at: 1_000_000 + $0)) }
        return try step.weights(student, teacher: plan.teacher.count > 0 ? teacher : nil, centre: centre)
    }
}
