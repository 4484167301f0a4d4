package import Layers
package import Models
package import Objectives
package import Optimizers

/// A recipe bound to its model: the objective, which numbers train in which order, and how each is updated.
///
/// Coordinator, aggregator and worker make it alike from what the run stores, so they agree without talking.
package struct TrainingPlan: Sendable {
    package let recipe: Recipe
    package let model: ModelConfiguration
    package let objective: any Objective
    /// Everything the student reads, in canonical order.
    package let parameters: [Parameter]
    /// What happens to every slice that the objective would train, and which rule decided; a report for people.
    package let decisions: ParameterDecisions
    /// The slices that train: order of gradients, moments and published weights.
    package let student: ParameterLayout
    /// All other numbers that the student reads.
    package let frozen: ParameterLayout
    /// The slices of the student of which the teacher has values of its own: what a version publishes of a moving one.
    package let teacher: ParameterLayout

    /// - Throws: `RecipeError.invalid` with all problems at once; `OptimizersError` for a rule that fits nothing.
    package init(_ recipe: Recipe, model: ModelConfiguration) throws {
        try recipe.validate(for: model)
        let objective: any Objective =
            switch recipe.objective {
            case .clipSelf(let configuration):
                try CLIPSelf(configuration, tower: model.vision)
            case .silc(let configuration):
                try SILC(configuration, model: model, contrastiveBatch: recipe.contrastiveBatch(configuration))
            case .combined(let configuration):
                try CombinedObjective(
                    configuration,
                    model: model,
                    contrastiveBatch: recipe.contrastiveBatch(configuration.silc)
                )
            case .mvpSeg(let configuration):
                try MVPSEG(configuration, model: model)
            case .mvpSegPlus(let configuration):
                try MVPSEGPlus(configuration, model: model, updates: recipe.schedule.updates)
            }
        (self.recipe, self.model) = (recipe, model)
        self.objective = objective
        parameters = try objective.parameters()
        decisions = try recipe.parameterRules.resolved(for: objective.trainableLayout())
        student = decisions.layout
        frozen = try student.complement(in: parameters)
        teacher = try objective.teacherLayout(of: student)
    }

    /// The teacher's policy, which decides whether workers need more than start weights and student.
    package var teacherPolicy: TeacherPolicy { objective.teacherPolicy }

    /// The most units that a gradient of so many samples can stand for.
    package func maximumUnits(samples: Int) -> Int { objective.maximumUnits(samples: samples) }
}
