import Checkpoints
import Datasets
import Foundation
import Layers
import Models
import Objectives
import Recipes
import TestSupport
import Tensors

/// A dense student of drawn prompts, over the pictures and the encoder of `MVPSEGFixture`.
struct MVPSEGPlusFixture {
    /// Its folder lasts as long as it does.
    let pictures: MVPSEGFixture
    let dataset: Dataset
    let plan: TrainingPlan
    let base: ParameterTree
    let start: [Float]
    let backend = CPUBackend(threadCount: 1)

    /// - Parameter settings: laid over the recipe.
    init(_ settings: String..., over pictures: MVPSEGFixture) async throws {
        let model = try pictures.plan.recipe.loadModel()
        let encoder = try EncoderDigest.digest(of: pictures.tree, vision: model.vision, text: model.textTower())
        let prompts = try Self.prompts(for: encoder, width: model.textTower().width)
        let named = try Self.recipe(in: pictures.folder, settings)
        let begun = try named.bound(to: prompts, parent: "prompts@3", classes: nil)
        let recipe = try begun.bound(to: pictures.dataset.index.classes)
        (self.pictures, dataset) = (pictures, pictures.dataset)
        plan = try TrainingPlan(recipe, model: model)
        var tree = try plan.initialTree(seed: 5, on: backend)
        let text = try TextTransformer(ParameterScope(TreeSource(pictures.tree)), model.textTower())
        let names = try recipe.objective.labelClasses?.list().names ?? []
        let features = try prompts.features(of: names, by: text, on: backend)
        for (path, values, shape) in MVPSEGPlus.ClassVectors.values(of: prompts, features: features) {
            tree[path] = Tensor(values, Shape(shape), on: backend)
        }
        base = try plan.base(frozen: plan.frozen.flattened(tree), on: backend)
        start = try plan.student.flattened(tree)
    }

    static func recipe(in folder: TemporaryDirectory, _ settings: [String] = []) throws -> Recipe {
        let lines = MVPSEGFixture.recipe(in: folder).split(separator: "\n").map { line in
            line.hasPrefix("objective:")
                ? "objective: {kind: mvpseg-plus, parent: prompts, view_size: 32, decoder_width: 6}" : String(line)
        }
        return try RecipeLoader().parse(lines.joined(separator: "\n"), settings: settings)
    }

    static func prompts(for encoder: Digest, width: Int, isGated: Bool = true) throws -> SegmentationPrompts {
        let noise = RandomGenerator(run: 8, epoch: 0, sample: 0, view: 0)
        return SegmentationPrompts(
            contexts: (0..<3 * 3 * width).map { Float(0.5 * noise.normal(at: $0)) },
            count: 2,
            length: 3,
            width: width,
            logScale: 3.5,
            logGateTemperature: -1,
            facts: SegmentationPrompts.Facts(
                isGated: isGated,
                gateSharpness: 20,
                readout: "value-residual",
                encoder: encoder,
                tokenizer: CLIPTokenizer.digest,
                classList: "abc"
            )
        )
    }

    func step(threads: Int = 1) throws -> TrainingStep {
        try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: plan.recipe.seed,
            base: base,
            teacher: plan.teacherPolicy == .frozen ? start : nil,
            on: CPUBackend(threadCount: threads)
        )
    }

    /// The start with seeded noise.
    var student: [Float] {
        let noise = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        return start.enumerated().map { $1 + 0.05 * Float(noise.normal(at: $0)) }
    }
}
