import AggregatorRole
import Datasets
import Foundation
import Images
import Layers
import Objectives
import Optimizers
import Recipes
import TestSupport
import Tensors

/// A whole SILC training in one process, as small as can learn: twelve nouns, which are four colours in three shapes,
/// composed into scenes; each update is a scene of every noun.
///
/// All of it is what workers and aggregators use; only the database between them is missing.
struct TinyTraining {
    /// What a training came to.
    struct Outcome {
        /// The sign that would have blocked the run, and the version that completed it.
        var alarm: (collapse: CollapseWatch.Collapse, version: Int)?
        /// Of the last version.
        var metrics: [String: Double] = [:]
        var student: [Float] = []
        var teacher: [Float] = []
    }

    static let nouns = [
        "apple", "bus", "cat", "drum", "egg", "fish", "goat", "hat", "igloo", "jar", "key", "lamp",
    ]
    let plan: TrainingPlan
    private let folder: TemporaryDirectory
    private let step: TrainingStep
    private let start: [Float]
    private let backend = CPUBackend(threadCount: 2)

    init(updates: Int, settings: [String] = []) async throws {
        folder = try TemporaryDirectory()
        for index in Self.nouns.indices {
            let drawing = try PNGEncoder().encode(straight: Self.drawing(index), width: 20, height: 20)
            try folder.write(drawing, to: "sprites/\(Self.nouns[index])/noto-1.png")
        }
        try folder.write(Array(Self.model.utf8), to: "model.json")
        let recipe = try RecipeLoader().parse(
            """
            name: tiny
            seed: 3
            model: \(folder("model.json"))
            start: {initialize: 5}
            data: {kind: scenes, root: \(folder.path), scenes: {size: 32, difficulty: [[0, 0.5]]}}
            objective:
              kind: silc
              contrastive: softmax
              prototypes: 32
              prototypes_held_for: 0
              head_hidden: 32
              head_bottleneck: 16
              student_batch: 12
              views: {flip: 0, global: {size: 32}, local: {count: 2, size: 16}}
            schedule: {updates: \(updates), warmup_updates: 5, learning_rate: 5.0e-3}
            aggregation: {images_per_job: 12, jobs_per_step: 1}
            """,
            settings: settings
        )
        plan = try TrainingPlan(recipe, model: recipe.loadModel())
        let tree = try plan.initialTree(seed: 5, on: backend)
        start = try plan.student.flattened(tree)
        let dataset = try await recipe.data.open().dataset
        step = try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: recipe.seed,
            base: plan.base(frozen: plan.frozen.flattened(tree), on: backend),
            teacher: nil,
            on: backend
        )
    }

    /// - Parameter holdsCentre: keeps the centre at zero, which no recipe can ask for.
    func run(holdsCentre: Bool = false) async throws -> Outcome {
        var rule = UpdateRule(plan)
        if holdsCentre {
            let conclude = rule.conclude
            rule.conclude = { update, centre in
                let metrics = conclude(update, &centre)
                for index in centre.indices { centre[index] = 0 }
                return metrics
            }
        }
        let teacher = plan.teacherRanges.flatMap { start[$0] }
        let centre = [Float](repeating: 0, count: plan.centreSize)
        let state = OptimizerState(
            VersionVectors(student: start, teacher: teacher, centre: centre),
            updateCount: 0,
            sampleCount: 0,
            rule: rule,
            backend: backend
        )
        var watch = rule.collapseWatch
        var outcome = Outcome()
        let ids = Self.nouns.indices.map { Int64($0) }
        for update in 0..<plan.recipe.schedule.updates {
            let vectors = await state.published
            let version = try step.weights(vectors.student, teacher: vectors.teacher, centre: vectors.centre)
            let job = JobSamples(ids, epoch: update, update: update)
            let (payload, report) = try await step.gradient(of: job, at: version)
            await state.add(payload)
            let applied = await state.apply(units: report.units, samples: report.samples, terms: report.terms)
            outcome.metrics = applied.metrics
            for term in report.terms where term.count > 0 {
                outcome.metrics["terms.\(term.name)"] = term.sum / Double(term.count)
            }
            if outcome.alarm == nil, let collapse = watch?.note(outcome.metrics, ofVersion: update + 1) {
                outcome.alarm = (collapse, update + 1)
            }
        }
        let vectors = await state.published
        (outcome.student, outcome.teacher) = (vectors.student, vectors.teacher)
        return outcome
    }

    /// The share of scenes that are nearest to their own noun, none of which were trained on.
    func topOne(_ outcome: Outcome, scenes: Int) async throws -> Double {
        let set = Recipe.EvaluationSet(name: "scenes", kind: .scenes, count: scenes, difficulty: 0.5, seed: 9)
        let version = try step.weights(outcome.student, teacher: outcome.teacher)
        return try await VersionEvaluator(step, on: backend).metrics(of: set, at: version)["top1"] ?? 0
    }

    /// 20 × 20 pixels with alpha: a square, a disc or a bar of one of four colours.
    private static func drawing(_ noun: Int) -> [UInt8] {
        let colors: [[UInt8]] = [[210, 40, 40], [40, 180, 60], [50, 60, 210], [230, 190, 40]]
        return (0..<400).flatMap { index -> [UInt8] in
            let (x, y) = (Double(index % 20) - 9.5, Double(index / 20) - 9.5)
            let isInside =
                switch noun / 4 {
                case 0: abs(x) < 8 && abs(y) < 8
                case 1: x * x + y * y < 64
                default: abs(x) < 3 && abs(y) < 9
                }
            return colors[noun % 4] + [isInside ? 255 : 0]
        }
    }

    private static let model = """
        {"embed_dim": 16,
         "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 32, "head_width": 16, "layers": 2, "mlp_ratio": 2.0},
         "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1}}
        """
}
