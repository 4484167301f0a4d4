import Checkpoints
import Datasets
import Foundation
import Layers
import Objectives
import Optimizers
import Recipes
import Tensors
import Testing

@Suite("Training plan")
struct TrainingPlanTests {
    private func plan(_ settings: String...) throws -> TrainingPlan {
        let recipe = try RecipeLoader().load("clipself-tiny", settings: ["model=stillhouse-tiny"] + settings)
        return try TrainingPlan(recipe, model: recipe.loadModel())
    }

    @Test("every shipped recipe suits its model", arguments: RecipeLoader().shippedNames)
    func shipped(name: String) throws {
        let named = try RecipeLoader().load(name)
        // Those that learn classes know them with their dataset.
        let classes = try named.data.segmentation?.classes.map { try ClassList.named($0) } ?? Self.nouns()
        // And those that begin with prompts.
        let prompts = try MVPSEGPlusFixture.prompts(for: Digest(of: "encoder".utf8), width: 8)
        let recipe = try named.bound(to: prompts, parent: nil, classes: nil).bound(to: classes)
        let plan = try TrainingPlan(recipe, model: recipe.loadModel())
        #expect(plan.student.count > 0)
        let total = plan.parameters.reduce(0) { $0 + $1.shape.count }
        #expect(plan.student.count + plan.frozen.count == total)
    }

    /// Of the desk world.
    private static func nouns() throws -> ClassList {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = repository.appending(path: "Deploy/samples/desk/train/sprites").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        return try ClassList(names: names.map { $0.replacingOccurrences(of: "_", with: " ") }, source: folder)
    }

    @Test("what trains in OpenAI's B/16 is as many numbers as the specification counts")
    func counts() throws {
        let recipe = try RecipeLoader().load("clipself-openai-vit-b-16-patches-batch16")
        #expect(try TrainingPlan(recipe, model: recipe.loadModel()).student.count == 85_054_464 - 1_181_184)
        let decayed = try RecipeLoader().load(recipe.name, settings: ["objective.decay_unused_qk=true"])
        #expect(try TrainingPlan(decayed, model: decayed.loadModel()).student.count == 85_054_464)
    }

    @Test(
        "settings that do not suit the model are named with what would",
        arguments: [
            ("objective.student_size=100", "objective.student_size", "a multiple of the model's patch size, 8"),
            (
                "objective.unlocked_groups=5", "objective.unlocked_groups",
                "from 0 to 4: 2 blocks, the positions, the stem"
            ),
        ]
    )
    func unsuited(setting: String, key: String, allowed: String) throws {
        let error = try #require(throws: RecipeError.self) { try plan("objective.unlocked_groups=2", setting) }
        guard case .invalid(_, let problems) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(problems.map(\.key) == [key] && problems.map(\.allowed) == [allowed])
    }

    @Test("no unlocked group means that nothing trains")
    func nothing() throws {
        let plan = try plan("objective.unlocked_groups=0")
        #expect(plan.student.count == 0)
        #expect(plan.frozen.count == plan.parameters.reduce(0) { $0 + $1.shape.count })
    }

    @Test("rules freeze, slow and decay by pattern, the first that fits deciding")
    func rules() throws {
        let plan = try plan(
            "objective.unlocked_groups=2",
            "parameters=[{pattern: '**.ln_1.*', trains: false}, {pattern: '**.bias', learning_rate_scale: 0.5}]"
        )
        #expect(!plan.student.paths.contains { $0.contains("ln_1") })
        #expect(plan.frozen.paths.contains("visual.transformer.resblocks.0.ln_1.weight"))
        for (slice, setting) in zip(plan.student.slices, plan.settings) {
            #expect(setting.learningRateScale == (slice.path.hasSuffix(".bias") ? 0.5 : 1))
            #expect(setting.weightDecay == (slice.shape.rank >= 2 ? 0.1 : 0))
        }
        #expect(throws: OptimizersError.self) {
            try self.plan("objective.unlocked_groups=2", "parameters=[{pattern: 'text.**'}]")
        }
    }

    @Test("the schedule follows applied images: warm-up, peak, half-way and end as published")
    func schedule() throws {
        let recipe = try RecipeLoader().load("clipself-openai-vit-b-16-patches-batch16")
        let plan = try TrainingPlan(recipe, model: recipe.loadModel())
        let expected: [(update: Int, rate: Double)] = [
            (0, 1e-8), (999, 1e-5), (1000, 1e-5), (22_679, 5e-6), (44_357, 1.3e-14),
        ]
        for (update, rate) in expected {
            let found = plan.learningRate(afterSamples: update * 16)
            #expect(abs(found - rate) <= (rate < 1e-12 ? 0.05 : 1e-6) * rate, "update \(update): \(found)")
        }
        #expect(abs(plan.learningRate(afterSamples: 8) - 1.5e-8) < 1e-20)
        #expect(plan.clipping == nil)
        #expect(plan.optimizer == AdamW(beta1: 0.9, beta2: 0.98, epsilon: 1e-6))
    }

    @Test("an unknown model lists those that ship")
    func unknownModel() throws {
        let recipe = try RecipeLoader().load("clipself-tiny", settings: ["model=ViT-B-17"])
        let error = try #require(throws: RecipeError.self) { try recipe.loadModel() }
        #expect("\(error)".contains("model is ViT-B-17") && "\(error)".contains("ViT-B-16-quickgelu"))
    }
}
