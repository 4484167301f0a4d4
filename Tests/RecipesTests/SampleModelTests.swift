import Checkpoints
import Datasets
import Evaluators
import Foundation
import Layers
import Models
import Recipes
import Tensors
import Testing

/// The trained CLIP in the samples, from which the quickstart starts.
@Suite("The sample CLIP")
struct SampleModelTests {
    private let samples: String
    private let recipe: Recipe
    private let backend = CPUBackend(threadCount: 2)

    init() throws {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        samples = repository + "/Deploy/samples"
        recipe = try RecipeLoader().load("quickstart")
    }

    private func weights() throws -> ParameterTree {
        let model = try recipe.loadModel()
        let wanted =
            try VisionTransformer.parameters(of: model.vision)
            + TextTransformer.parameters(of: model.textTower())
        let file = samples + "/desk-clip/model.safetensors"
        return try ModelWeights(Checkpoint.read(file), named: file, for: wanted, on: backend).parameters
    }

    private func nouns() throws -> [String] {
        try String(contentsOfFile: samples + "/nouns.txt", encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("is named by the recipes that start from it, and fills their model")
    func start() throws {
        for name in ["quickstart", "mvpseg-desk", "mvpseg-plus-desk"] {
            let recipe = try RecipeLoader().load(name)
            #expect(recipe.start.weights == "Deploy/samples/desk-clip/model.safetensors")
            #expect(recipe.model == "stillhouse-desk")
        }
        #expect(try weights().tensors.allSatisfy { backend.isFinite($0.value.value) })
    }

    @Test(
        "prompts and their student withhold the labels of every third noun, so that nobody chose them",
        arguments: ["mvpseg-desk", "mvpseg-plus-desk"]
    )
    func unseen(name: String) throws {
        let nouns = try nouns()
        let third = stride(from: 0, to: nouns.count, by: 3).map { nouns[$0] }
        #expect(try RecipeLoader().load(name).objective.labelClasses?.unseen == third)
    }

    @Test("comes with the class embeddings that its own text tower makes of the nouns")
    func classes() throws {
        let stored = try ClassEmbeddings(path: samples + "/desk-clip/classes.safetensors")
        let names = try nouns()
        #expect(stored.names == names && names.count == 80)
        let tower = try TextTransformer(ParameterScope(TreeSource(weights())), recipe.loadModel().textTower())
        let templates = try PromptTemplates(text: "a photo of a {}.", source: "simple")
        let made = try ClassEmbeddings(names: names, templates: templates, encoder: CaptionEncoder(tower, on: backend))
        let differences = zip(stored.vectors, made.vectors).map { abs($0 - $1) }
        #expect((differences.max() ?? 1) < 1e-5)
    }

    @Test("names most drawings that it was trained on in scenes that no training showed")
    func zeroShot() async throws {
        let root = try ImageRoot(samples + "/desk/train")
        let scan = try await ScenesDataset(root: root, size: 96).scan()
        let composer = SceneComposer(
            try await SceneParts(scan.index, root: root),
            size: 96,
            difficulty: .constant(0.3)
        )
        let classes = try ClassEmbeddings(path: samples + "/desk-clip/classes.safetensors")
        let tower = try VisionTransformer(ParameterScope(TreeSource(weights())), recipe.loadModel().vision)
        let classifier = try ZeroShotClassifier(PictureEncoder(tower, on: backend), classes: classes, on: backend)
        let result = try await classifier.evaluate(scenes: 160, of: composer, seed: 7)
        // 160 pictures of 80 nouns: the standard error is four points.
        #expect(result.top1 > 0.5)
        #expect(result.top5 > 0.75)
    }
}
