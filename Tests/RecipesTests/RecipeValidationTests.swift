import Objectives
import Recipes
import Testing

@Suite("Recipe values out of range")
struct RecipeValidationTests {
    private let minimal = """
        name: trial
        model: ViT-B-16-quickgelu
        start: {initialize: 3}
        data: {root: pictures, annotations: boxes.json}
        """

    @Test(
        "a value out of range is named with the values it may have",
        arguments: [
            ("export.alpha=-0.1", "export.alpha"),
            ("export.alpha=.nan", "export.alpha"),
            ("schedule.learning_rate=0", "schedule.learning_rate"),
            ("schedule.learning_rate=.inf", "schedule.learning_rate"),
            ("schedule.updates=9223372036854775807", "schedule.updates"),
            ("schedule.warmup_updates=50000", "schedule.warmup_updates"),
            ("optimizer.beta2=1", "optimizer.beta2"),
            ("optimizer.epsilon=0", "optimizer.epsilon"),
            ("optimizer.weight_decay=-1", "optimizer.weight_decay"),
            ("optimizer.clip_norm=0", "optimizer.clip_norm"),
            ("aggregation.images_per_job=0", "aggregation.images_per_job"),
            ("aggregation.jobs_per_step=5000", "aggregation.jobs_per_step"),
            ("evaluation.regions_per_image=0", "evaluation.regions_per_image"),
            ("objective.student_size=0", "objective.student_size"),
            ("objective.grid_limit=0", "objective.grid_limit"),
            ("objective.regions_per_image=0", "objective.regions_per_image"),
            ("objective.crop_scale=0", "objective.crop_scale"),
            ("objective.minimum_side=-1", "objective.minimum_side"),
            ("objective.maximum_side=8", "objective.maximum_side"),
            ("objective.unlocked_groups=-1", "objective.unlocked_groups"),
            ("objective.student_batch=0", "objective.student_batch"),
            ("objective.teacher_batch=0", "objective.teacher_batch"),
            ("data.annotations=null", "data.annotations"),
            ("data.kind=folder", "data.annotations"),
            ("data.root=\"\"", "data.root"),
            ("name=\"\"", "name"),
            ("model=\"\"", "model"),
            ("seed=9223372036854775808", "seed"),
            ("start.weights=w.safetensors", "start"),
            ("start.initialize=null", "start"),
            ("parameters=[{pattern: \"\"}]", "parameters[0].pattern"),
            ("parameters=[{pattern: a, weight_decay: -1}]", "parameters[0].weight_decay"),
        ]
    )
    func range(setting: String, key: String) throws {
        let recipe = try RecipeLoader().parse(minimal, settings: [setting])
        let error = try #require(throws: RecipeError.self) { try recipe.validate() }
        guard case .invalid(let name, let problems) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(name == recipe.name)
        #expect(problems.map(\.key) == [key])
        #expect("\(error)".contains("\(key) is "))
    }

    @Test("all problems are told at once")
    func several() throws {
        let recipe = try RecipeLoader().parse(minimal, settings: ["export.alpha=-1", "schedule.updates=0"])
        let error = try #require(throws: RecipeError.self) { try recipe.validate() }
        guard case .invalid(_, let problems) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(Set(problems.map(\.key)) == ["export.alpha", "schedule.updates", "schedule.warmup_updates"])
    }

    @Test("proposals need boxes, which a folder has not")
    func folder() throws {
        let settings = ["data.kind=folder", "data.annotations=null"]
        try RecipeLoader().parse(minimal, settings: settings).validate()
        let proposals = try RecipeLoader().parse(minimal, settings: settings + ["objective.regions=proposals"])
        #expect(throws: RecipeError.self) { try proposals.validate() }
    }
}
