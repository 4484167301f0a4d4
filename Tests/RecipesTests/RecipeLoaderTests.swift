import Configs
import Foundation
import Objectives
import Recipes
import Testing

@Suite("Reading recipes")
struct RecipeLoaderTests {
    private let loader = RecipeLoader()

    /// The least a recipe must say.
    private let minimal = """
        name: trial
        model: ViT-B-16-quickgelu
        start: {initialize: 3}
        data: {root: pictures, annotations: boxes.json}
        """

    @Test("a recipe without a key takes the default of its objective")
    func defaults() throws {
        let recipe = try loader.parse(minimal)
        #expect(recipe.name == "trial")
        #expect(recipe.start == .init(initialize: 3))
        #expect(recipe.optimizer == .init(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1))
        #expect(recipe.schedule == .init(learningRate: 1e-5, warmupUpdates: 1000, updates: 44358))
        #expect(recipe.objective == .clipSelf(.init(studentSize: 1024, unlockedGroups: 12)))
        #expect(recipe.imagesPerUpdate == 16)
        try recipe.validate()
    }

    @Test("every shipped recipe loads, is valid and bears its own name", arguments: RecipeLoader().shippedNames)
    func shipped(name: String) throws {
        let recipe = try loader.load(name)
        #expect(recipe.name == name)
        try recipe.validate()
    }

    @Test("the binary carries every recipe of the folder, as it is there")
    func folder() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Configs/recipes").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
        #expect(files.map { String($0.dropLast(5)) }.sorted() == loader.shippedNames)
        for file in files {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            #expect(Presets.recipes[String(file.dropLast(5))] == text)
            #expect(text.hasPrefix("# "), "\(file) must open with its source, command and cost")
        }
    }

    @Test("batch2 differs from batch16 in its cut alone")
    func batches() throws {
        var small = try loader.load("clipself-openai-vit-b-16-patches-batch2")
        let large = try loader.load("clipself-openai-vit-b-16-patches-batch16")
        #expect(small.imagesPerUpdate == 2)
        #expect(large.imagesPerUpdate == 16)
        small.name = large.name
        small.aggregation = large.aggregation
        #expect(small == large)
    }

    @Test("a key of no section is refused with its line and the nearest spelling")
    func unknownKey() {
        let text = minimal + "\nobjective:\n  unlock_groups: 3\n"
        let expected = RecipeError.unknownKey(
            file: "r.yaml",
            line: 6,
            key: "objective.unlock_groups",
            nearest: "objective.unlocked_groups"
        )
        #expect(throws: expected) { try loader.parse(text, file: "r.yaml") }
        #expect("\(expected)".contains("r.yaml:6: no such key `objective.unlock_groups`. Did you mean"))
    }

    @Test("a key in the wrong section is told where it belongs")
    func misplacedKey() {
        let expected = RecipeError.unknownKey(
            file: "r",
            line: 5,
            key: "images_per_job",
            nearest: "aggregation.images_per_job"
        )
        #expect(throws: expected) { try loader.parse(minimal + "\nimages_per_job: 4", file: "r") }
    }

    @Test("an unknown key of a parameter rule names the rule")
    func unknownRuleKey() {
        let text = minimal + "\nparameters:\n  - pattern: 'visual.*'\n  - {pattern: '*', weightdecay: 0}\n"
        let expected = RecipeError.unknownKey(
            file: "r",
            line: 7,
            key: "parameters[1].weightdecay",
            nearest: "parameters[1].weight_decay"
        )
        #expect(throws: expected) { try loader.parse(text, file: "r") }
    }

    @Test(
        "a value of another type names its key",
        arguments: [
            ("schedule: {updates: many}", "schedule.updates"),
            ("optimizer: {beta1: }", "optimizer.beta1"),
            ("objective: 3", "objective"),
            ("objective: {regions: squares}", "objective.regions"),
            ("objective: {kind: clip}", "objective.kind"),
            ("aggregation: {images_per_job: 1.5}", "aggregation.images_per_job"),
            ("seed: -1", "seed"),
            ("parameters: [{trains: true}]", "parameters[0].pattern"),
        ]
    )
    func unsuitable(line: String, key: String) throws {
        let error = try #require(throws: RecipeError.self) { try loader.parse(minimal + "\n" + line) }
        guard case .unsuitableValue(_, let named, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(named == key)
    }

    @Test("a key given twice, and text that is no YAML, are refused", arguments: ["name: again", "  - {", "\tx: 1"])
    func syntax(line: String) throws {
        let error = try #require(throws: RecipeError.self) { try loader.parse(minimal + "\n" + line) }
        guard case .syntax = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("an overlay of a file is found beside it")
    func overlay() throws {
        try withFolder(["base.yaml": minimal, "sub.yaml": "extends: base.yaml\nname: child\nseed: 9\n"]) { folder in
            let recipe = try loader.load(folder + "/sub.yaml")
            #expect(recipe.name == "child")
            #expect(recipe.seed == 9)
            #expect(recipe.model == "ViT-B-16-quickgelu")
        }
    }

    @Test("a recipe file may extend a shipped recipe by name")
    func shippedBase() throws {
        try withFolder(["mine.yaml": "extends: clipself-tiny\nname: mine\nschedule: {updates: 7}\n"]) { folder in
            let recipe = try loader.load(folder + "/mine.yaml")
            var expected = try loader.load("clipself-tiny")
            expected.name = "mine"
            expected.schedule.updates = 7
            #expect(recipe == expected)
        }
    }

    @Test("recipes that extend each other end in an error and not in a loop")
    func endless() throws {
        try withFolder(["a.yaml": "extends: b.yaml", "b.yaml": "extends: a.yaml"]) { folder in
            let path = { (name: String) in folder + "/\(name).yaml" }
            #expect(throws: RecipeError.endlessOverlay(files: [path("a"), path("b"), path("a")])) {
                try loader.load(folder + "/a.yaml")
            }
        }
    }

    @Test("an unknown base lists the shipped recipes")
    func unknownBase() {
        #expect(throws: RecipeError.unknownBase(file: "r", base: "quick", shipped: loader.shippedNames)) {
            try loader.parse("extends: quick", file: "r")
        }
    }

    @Test("a missing file says so")
    func missing() {
        #expect(throws: RecipeError.unreadable(file: "none.yaml", reason: "there is no such file or shipped recipe")) {
            try loader.load("none.yaml")
        }
    }

    @Test("settings of the command line lie uppermost and are as strict as a file")
    func settings() throws {
        let recipe = try loader.parse(
            minimal,
            settings: ["schedule.learning_rate=2e-4", "start.initialize=null", "start.weights=w.safetensors"]
        )
        #expect(recipe.schedule.learningRate == 2e-4)
        #expect(recipe.start == .init(weights: "w.safetensors"))
        #expect(throws: RecipeError.self) { try loader.parse(minimal, settings: ["schedule.rate=1"]) }
        #expect(throws: RecipeError.self) { try loader.parse(minimal, settings: ["seed"]) }
    }

    private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recipes-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        try body(folder.path)
    }
}
