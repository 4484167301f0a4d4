import Datasets
import Foundation
import Layers
import Recipes
import Tensors
import Testing

@Suite("The recipe of the sample pictures")
struct SampleRecipeTests {
    /// Recipes name their pictures from where the program is started; tests may run anywhere.
    private var repository: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }

    @Test("its pictures are there, all of them usable, and the first one gives a gradient")
    func gradient() async throws {
        let named = try RecipeLoader().load("clipself-tiny")
        let settings = [
            "data.root=\(repository)/\(named.data.root)",
            "data.annotations=\(repository)/\(try #require(named.data.annotations))",
        ]
        let recipe = try RecipeLoader().load("clipself-tiny", settings: settings)
        let (scan, dataset) = try await recipe.data.open()
        #expect(dataset.count == 96)
        #expect(scan.rejectedImages.isEmpty && scan.rejectedAnnotations.isEmpty && scan.warnings.isEmpty)

        let backend = CPUBackend(threadCount: 1)
        let plan = try TrainingPlan(recipe, model: recipe.loadModel())
        let tree = try plan.initialTree(seed: try #require(recipe.start.initialize), on: backend)
        let start = try plan.student.flattened(tree)
        let base = try plan.base(frozen: plan.frozen.flattened(tree), on: backend)
        let step = try TrainingStep(plan, dataset: dataset, runSeed: 0, base: base, teacher: start, on: backend)
        let report = try await step(epoch: 0, positions: 0..<1, student: start).report
        #expect(report.samples == 1 && report.units >= 1 && report.badSamples.isEmpty)
        #expect(report.norm > 0)
    }

    @Test("its run covers whole epochs of the shipped pictures")
    func length() throws {
        let recipe = try RecipeLoader().load("clipself-tiny")
        #expect(recipe.schedule.updates * recipe.imagesPerUpdate == 960)
        #expect(recipe.evaluation.annotations == "Deploy/samples/held-out.json")
    }
}
