import Datasets
import Foundation
import Images
import Layers
import Models
import Recipes
import Tensors
import TestSupport

/// A small recipe bound to a tiny random model and a folder of drawn pictures, one of them broken.
struct TrainingFixture {
    static let brokenKey = "05.png"

    let folder: TemporaryDirectory
    let dataset: Dataset
    let plan: TrainingPlan
    let base: ParameterTree
    let start: [Float]
    let backend = CPUBackend(threadCount: 1)

    /// - Parameter settings: laid over the recipe.
    init(pictures: Int = 14, _ settings: String...) async throws {
        try await self.init(pictures: pictures, settings, in: TemporaryDirectory(), seed: 5)
    }

    /// Another recipe over pictures that are there already.
    ///
    /// - Parameter seed: of the start weights.
    init(_ settings: String..., in folder: TemporaryDirectory, seed: UInt64 = 5) async throws {
        try await self.init(pictures: 14, settings, in: folder, seed: seed)
    }

    private init(pictures: Int, _ settings: [String], in folder: TemporaryDirectory, seed: UInt64) async throws {
        self.folder = folder
        for index in 0..<pictures {
            try folder.write(
                PNGEncoder().encode(Self.picture(index)),
                to: index < 10 ? "0\(index).png" : "\(index).png"
            )
        }
        let recipe = try RecipeLoader().parse(
            """
            name: trial
            seed: 11
            model: stillhouse-tiny
            start: {initialize: 5}
            data: {kind: folder, root: \(folder.path)}
            objective: {student_size: 48, unlocked_groups: 4}
            """,
            settings: settings
        )
        plan = try TrainingPlan(recipe, model: recipe.loadModel())
        dataset = try await recipe.data.open().dataset
        // Broken after indexing, as happens in the field: its header is right, its data end too early.
        let broken = folder(Self.brokenKey)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: broken))
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: broken))
        let tree = try plan.initialTree(seed: seed, on: backend)
        base = try plan.base(frozen: plan.frozen.flattened(tree), on: backend)
        start = try plan.student.flattened(tree)
    }

    func step(
        teacher: [Float]? = nil,
        targets: (any TargetCache)? = nil,
        on other: (any Backend)? = nil
    ) throws -> TrainingStep {
        try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: plan.recipe.seed,
            base: base,
            teacher: teacher ?? start,
            targets: targets,
            on: other ?? backend
        )
    }

    /// The start with seeded noise, so that the student differs from its teacher.
    var student: [Float] {
        let noise = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        return start.enumerated().map { $1 + 0.02 * Float(noise.normal(at: $0)) }
    }

    /// Smooth colours that differ from picture to picture, in sizes that differ too.
    private static func picture(_ index: Int) -> Image {
        let noise = RandomGenerator(run: 3, epoch: 0, sample: UInt64(index), view: 0)
        let coarse = Image(width: 4, height: 3, pixels: (0..<36).map { UInt8(noise.integer(below: 256, at: $0)) })
        return coarse.resized(width: 40 + 3 * index, height: 61 - 2 * index)
    }
}
