import Objectives
import Recipes
import Testing

@Suite("What a recipe says of evaluations")
struct RecipeEvaluationTests {
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
        ]
    )
    func problems(set: String, key: String) throws {
        let recipe = try recipe("evaluation.every=2", "evaluation.sets=[\(set)]")
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
