import Datasets
import Objectives
import Recipes
import Testing

@Suite("What a recipe says of evaluations")
struct RecipeEvaluationTests {
    private static let voc = "segmentation: {layout: voc, classes: voc-20}"
    private static let scenes = "{name: scenes, kind: scenes, count: 100, seed: 3}"

    private func recipe(_ settings: String..., base: String = "silc-desk") throws -> Recipe {
        try RecipeLoader().load(base, settings: settings)
    }

    @Test("without any, a recipe is written as before there were any, and keeps its fingerprint")
    func absent() throws {
        let recipe = try recipe("evaluation.every=0", "evaluation.sets=[]", base: "clipself-tiny")
        for key in ["every", "sets", "teacher\":"] { #expect(try !recipe.canonicalJSON().contains("\"\(key)")) }
        #expect(try RecipeFingerprint(of: recipe) == RecipeFingerprint(of: RecipeLoader().load("clipself-tiny")))
    }

    @Test("scenes need no files beside those that the run trains on, and all of it survives being stored")
    func stored() throws {
        let recipe = try recipe("evaluation.every=500", "evaluation.teacher=true", "evaluation.sets=[\(Self.scenes)]")
        #expect(throws: Never.self) { try recipe.validate(for: recipe.loadModel()) }
        #expect(recipe.evaluation.sets == [.init(name: "scenes", kind: .scenes, count: 100, seed: 3)])
        #expect(try Recipe(json: recipe.canonicalJSON()) == recipe)
        #expect(try RecipeLoader().parse(recipe.yaml()) == recipe)
        var other = recipe
        other.evaluation.sets[0].difficulty = 0.5
        #expect(try RecipeFingerprint(of: other) != RecipeFingerprint(of: recipe))
    }

    @Test(
        "a set that cannot be evaluated is named with what it may be",
        arguments: [
            ("{name: scenes, kind: scenes}", "count"),
            ("{name: scenes, kind: scenes, count: 0}", "count"),
            ("{name: scenes, kind: scenes, count: 9, difficulty: 1.5}", "difficulty"),
            ("{name: scenes, kind: scenes, count: 9, size: 4}", "size"),
            ("{name: scenes, kind: scenes, count: 9, templates: mine.txt}", "templates"),
            ("{name: scenes, kind: scenes, count: 9, table: a.csv}", "table"),
            ("{name: Scenes, kind: scenes, count: 9}", "name"),
            ("{name: a.b, kind: scenes, count: 9}", "name"),
            ("{name: \"\", kind: scenes, count: 9}", "name"),
            ("{name: labels, kind: classification}", "root"),
            ("{name: labels, kind: classification, root: \"\"}", "root"),
            ("{name: labels, kind: classification, root: a, count: 3}", "count"),
            ("{name: pairs, kind: retrieval, root: a}", "table"),
            ("{name: pairs, kind: retrieval, table: a.csv, templates: simple}", "templates"),
            ("{name: regions, kind: regions}", "kind"),
            ("{name: labels, kind: classification, root: a, unseen: [cat]}", "unseen"),
            ("{name: pixels, kind: segmentation}", "count"),
            ("{name: pixels, kind: segmentation, count: 9, readout: sharp}", "readout"),
            ("{name: pixels, kind: segmentation, count: 9, readout: value-only/full/σ5}", "readout"),
            ("{name: pixels, kind: segmentation, count: 9, size_rule: small}", "size_rule"),
            ("{name: pixels, kind: segmentation, count: 9, annotations: a.json}", "annotations"),
            ("{name: pixels, kind: segmentation, count: 9, window: 4}", "window"),
            ("{name: pixels, kind: segmentation, count: 9, stride: 8}", "stride"),
            ("{name: pixels, kind: segmentation, count: 9, window: 16, stride: 17}", "stride"),
            ("{name: scenes, kind: scenes, count: 9, window: 16}", "window"),
            ("{name: pixels, kind: segmentation, VOC}", "root"),
            ("{name: pixels, kind: segmentation, root: a, count: 9, VOC}", "count"),
            ("{name: pixels, kind: segmentation, root: a, unseen: [wolf], VOC}", "unseen"),
            ("{name: pixels, kind: segmentation, root: a, segmentation: {layout: voc}}", "segmentation.classes"),
            ("{name: pixels, kind: segmentation, root: a, segmentation: {classes: voc-20}}", "segmentation.layout"),
        ]
    )
    func problems(set: String, key: String) throws {
        let recipe = try recipe("evaluation.every=2", "evaluation.sets=[\(set.replacing("VOC", with: Self.voc))]")
        let error = try #require(throws: RecipeError.self) { try recipe.validate() }
        guard case .invalid(_, let problems) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(problems.map(\.key) == ["evaluation.sets[0].\(key)"], "\(error)")
    }

    @Test("sets and their rhythm go together, names differ, and keys are known")
    func whole() throws {
        func problems(_ recipe: Recipe) -> [String] {
            do {
                try recipe.validate()
            } catch RecipeError.invalid(_, let problems) {
                return problems.map(\.key)
            } catch {
                Issue.record("\(error)")
            }
            return []
        }
        #expect(try problems(recipe("evaluation.sets=[]")) == ["evaluation.sets"])
        #expect(try problems(recipe("evaluation.every=0")) == ["evaluation.sets"])
        #expect(try problems(recipe("evaluation.every=-1")).contains("evaluation.every"))
        let twice = "evaluation.sets=[\(Self.scenes), \(Self.scenes)]"
        #expect(try problems(recipe("evaluation.every=2", twice)) == ["evaluation.sets[1].name"])
        let settings = ["evaluation.every=2", "evaluation.sets=[{name: a, kind: scenes, cuont: 3}]"]
        let error = #expect(throws: RecipeError.self) {
            try RecipeLoader().load("silc-desk", settings: settings)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("`evaluation.sets[0].count`"), "\(String(describing: error))")
    }

    @Test(
        "labelled pixels are of composed pictures or of label files, whose list of classes the recipe then has itself"
    )
    func segmentation() throws {
        let files =
            "{name: files, kind: segmentation, root: a, readout: kk, size_rule: \"short:512,2048\", \(Self.voc)}"
        let composed = "{name: composed, kind: segmentation, count: 40, seed: 2, unseen: [], templates: imagenet-80}"
        let recipe = try recipe("evaluation.every=5", "evaluation.sets=[\(files), \(composed)]")
        #expect(throws: Never.self) { try recipe.validate(for: recipe.loadModel()) }
        let sets = recipe.evaluation.sets
        let classes = try #require(sets[0].segmentation?.classes)
        #expect(try ClassList(text: classes, source: "test") == ClassList.named("voc-20"))
        #expect(sets[0].labelledPictures?.kind == .segmentation && sets[1].labelledPictures == nil)
        #expect(sets[1].unseen == [] && sets[0].unseen == nil && sets[0].sizeRule == "short:512,2048")
        #expect(try Recipe(json: recipe.canonicalJSON()) == recipe)
        #expect(try RecipeLoader().parse(recipe.yaml()) == recipe)
    }

    @Test(
        "a wrong key within a section of a set, a list that is none, and a name that no text tower reads are told by name"
    )
    func segmentationRefusals() throws {
        func problem(_ set: String, _ more: [String] = []) -> String {
            do {
                let settings = [
                    "evaluation.every=5", "evaluation.sets=[{name: p, kind: segmentation, root: a, \(set)}]",
                ]
                let recipe = try RecipeLoader().load("silc-desk", settings: settings + more)
                try recipe.validate(for: recipe.loadModel())
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(problem("segmentation: {layuot: voc}").contains("`evaluation.sets[0].segmentation.layout`"))
        let missing = problem("segmentation: {layout: folders, classes: nowhere.txt}")
        #expect(missing.contains("evaluation.sets[0].segmentation.classes") && missing.contains("nowhere.txt"))
        for (lines, word) in [("cat\\n\\ncat", "\"cat\" stands"), ("cat;\\ndog", "a name is empty")] {
            let list = problem("segmentation: {layout: folders, classes: \"\(lines)\"}")
            #expect(list.contains(word), "\(list)")
        }
        let long = (0..<90).map { "word\($0)" }.joined(separator: " ")
        let text = problem("segmentation: {layout: folders, classes: \"cat\\n\(long)\"}")
        #expect(text.contains("evaluation.sets[0].segmentation.classes") && text.contains("tokens"), "\(text)")
        #expect(problem("segmentation: {layout: folders, classes: \"cat\\ndog\"}") == "")
        let window = problem("window: 33, segmentation: {layout: folders, classes: \"cat\\ndog\"}")
        #expect(
            window.contains("evaluation.sets[0].window is 33; it must be a multiple of the patch size"),
            "\(window)"
        )
    }

    /// What is wrong with a shipped recipe that is evaluated every fifth version, with the model it names.
    private static func problems(_ name: String, _ settings: [String]) throws -> [String] {
        let recipe = try RecipeLoader().load(name, settings: ["evaluation.every=5"] + settings)
        do {
            try recipe.validate(for: recipe.loadModel())
            return []
        } catch RecipeError.invalid(_, let problems) {
            return problems.map { "\($0)" }
        }
    }

    @Test("a run of prompts is measured by labelled pixels and by nothing else, with its own prompts and read-out")
    func prompts() throws {
        func problems(_ set: String, _ more: String...) throws -> [String] {
            try Self.problems("mvpseg-desk", ["evaluation.teacher=true", "evaluation.sets=[\(set)]"] + more)
        }
        #expect(try problems("{name: p, kind: segmentation, count: 9}") == [])
        #expect(try problems("{name: p, kind: segmentation, count: 9, readout: value-residual}") == [])
        for kind in ["scenes", "regions", "retrieval", "classification"] {
            let found = try problems("{name: p, kind: \(kind), root: a, count: 9}")
            let told = found.contains { $0.hasPrefix("evaluation.sets[0].kind is \(kind); it must be `segmentation`") }
            #expect(told, "\(found)")
        }
        let templates = try problems("{name: p, kind: segmentation, count: 9, templates: simple}")
        #expect(templates.count == 1 && templates[0].contains("the run's prompts say the names"), "\(templates)")
        let readout = try problems("{name: p, kind: segmentation, count: 9, readout: kk}")
        #expect(readout.count == 1 && readout[0].contains("value-residual"), "\(readout)")
        #expect(try problems("{name: p, kind: segmentation, count: 9, readout: kk}", "objective.readout=kk") == [])
    }

    @Test("a dense student is measured by labelled pixels, and beside it its average where it has one")
    func students() throws {
        func problems(_ set: String, _ more: String...) throws -> [String] {
            try Self.problems("mvpseg-plus-desk", ["evaluation.sets=[{name: p, count: 9, \(set)}]"] + more)
        }
        #expect(try problems("kind: segmentation") == [])
        let scenes = try problems("kind: scenes")
        #expect(scenes.count == 1 && scenes[0].contains("it must be `segmentation`"), "\(scenes)")
        let readout = try problems("kind: segmentation, readout: kk")
        #expect(readout.count == 1 && readout[0].contains("value-residual"), "\(readout)")
        let teacher = try problems("kind: segmentation", "evaluation.teacher=true")
        #expect(teacher.count == 1 && teacher[0].contains("evaluation.teacher"), "\(teacher)")
        #expect(
            try problems("kind: segmentation", "evaluation.teacher=true", "objective.self_teacher=average") == []
        )
    }

    @Test("a run without a text tower needs embeddings for the names of labelled pixels")
    func embeddings() throws {
        let set = "evaluation.sets=[{name: p, kind: segmentation, root: a, \(Self.voc)}]"
        let bare = try recipe("evaluation.every=2", set, base: "clipself-tiny")
        let error = try #require(throws: RecipeError.self) { try bare.validate() }
        #expect("\(error)".contains("evaluation.sets[0].kind") && "\(error)".contains("class_embeddings"))
        let named = try recipe(
            "evaluation.every=2",
            set,
            "evaluation.class_embeddings=voc.safetensors",
            base: "clipself-tiny"
        )
        #expect(throws: Never.self) { try named.validate() }
    }

    @Test("what needs a text tower or a moving teacher is refused where there is none")
    func towers() throws {
        let settings = ["evaluation.every=2", "evaluation.teacher=true", "evaluation.sets=[\(Self.scenes)]"]
        let recipe = try RecipeLoader().load("clipself-tiny", settings: settings)
        let error = try #require(throws: RecipeError.self) { try recipe.validate() }
        #expect("\(error)".contains("evaluation.sets[0].kind is scenes") && "\(error)".contains("evaluation.teacher"))
        let regions = try RecipeLoader().load(
            "clipself-tiny",
            settings: [
                "evaluation.every=2", "evaluation.sets=[{name: regions, kind: regions}]",
                "evaluation.annotations=a.json", "evaluation.root=pictures",
            ]
        )
        #expect(throws: Never.self) { try regions.validate() }
        let contrastive = try self.recipe(
            "objective.distillation_weight=0",
            "evaluation.every=2",
            "evaluation.teacher=true",
            "evaluation.sets=[\(Self.scenes)]"
        )
        #expect(throws: RecipeError.self) { try contrastive.validate() }
    }
}
