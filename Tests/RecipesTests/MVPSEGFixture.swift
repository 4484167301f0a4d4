import Datasets
import Foundation
import Images
import Layers
import Models
import Objectives
import Recipes
import TestSupport
import Tensors

/// A small recipe for prompts bound to a tiny random encoder and drawn pictures whose labels are bands.
struct MVPSEGFixture {
    let folder: TemporaryDirectory
    let dataset: Dataset
    let plan: TrainingPlan
    let base: ParameterTree
    let start: [Float]
    let tree: ParameterTree
    let backend = CPUBackend(threadCount: 1)

    static let count = 9

    /// - Parameter settings: laid over the recipe.
    init(_ settings: String...) async throws {
        try await self.init(settings, in: TemporaryDirectory())
    }

    /// Another recipe over pictures that are there already.
    ///
    /// - Parameter seed: of the encoder.
    init(_ settings: String..., in folder: TemporaryDirectory, seed: UInt64 = 5) async throws {
        try await self.init(settings, in: folder, seed: seed)
    }

    private init(_ settings: [String], in folder: TemporaryDirectory, seed: UInt64 = 5) async throws {
        self.folder = folder
        for index in 0..<Self.count { try Self.write(index, to: folder) }
        try folder.write(Array("tiger\ndining table; desk\ncat | unseen\npotted plant\n".utf8), to: "classes.txt")
        try folder.write(Array(Self.model.utf8), to: "model.json")
        let recipe = try RecipeLoader().parse(Self.recipe(in: folder), settings: settings)
        dataset = try await recipe.data.open().dataset
        let bound = try recipe.bound(to: dataset.index.classes)
        plan = try TrainingPlan(bound, model: bound.loadModel())
        tree = try plan.initialTree(seed: seed, on: backend)
        base = try plan.base(frozen: plan.frozen.flattened(tree), on: backend)
        start = try plan.student.flattened(tree)
    }

    static func recipe(in folder: TemporaryDirectory) -> String {
        """
        name: trial
        seed: 11
        model: \(folder("model.json"))
        start: {initialize: 5}
        data: {kind: segmentation, root: \(folder.path), segmentation: {layout: folders, classes: \(folder("classes.txt"))}}
        objective: {kind: mvpseg, contexts: 3, view_size: 32, gate_sharpness: 10}
        schedule: {updates: 100, warmup_updates: 5}
        aggregation: {images_per_job: 3, jobs_per_step: 3}
        """
    }

    private static let model = """
        {"embed_dim": 16,
         "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 16, "head_width": 8, "layers": 2, "mlp_ratio": 2.0},
         "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 2}}
        """

    private static func write(_ index: Int, to folder: TemporaryDirectory) throws {
        let noise = RandomGenerator(run: 3, epoch: 0, sample: UInt64(index), view: 0)
        let coarse = Image(width: 4, height: 3, pixels: (0..<36).map { UInt8(noise.integer(below: 256, at: $0)) })
        let (width, height) = (40 + 3 * index, 61 - 2 * index)
        try folder.write(PNGEncoder().encode(coarse.resized(width: width, height: height)), to: "images/\(index).png")
        let bands: [UInt8] = [0, 1, 2, 3, 255]
        let labels = (0..<width * height).map { bands[($0 / (width * 11) + index) % 5] }
        try folder.write(
            PNGEncoder().encode(indices: labels, width: width, height: height),
            to: "labels/\(index).png"
        )
    }

    func step(targets: (any TargetCache)? = nil, on other: (any Backend)? = nil) throws -> TrainingStep {
        try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: plan.recipe.seed,
            base: base,
            teacher: nil,
            targets: targets,
            on: other ?? backend
        )
    }

    /// The start with seeded noise, and an average that differs from it.
    func weights(_ step: TrainingStep, noise seed: UInt64 = 1) throws -> VersionWeights {
        let noise = RandomGenerator(run: seed, epoch: 0, sample: 0, view: 0)
        let student = start.enumerated().map { $1 + 0.02 * Float(noise.normal(at: $0)) }
        return try step.weights(student, teacher: start)
    }
}
