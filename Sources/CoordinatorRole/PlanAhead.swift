import Logging
package import Recipes
import Stores
import Telemetry

/// Keeps `planHorizon` steps planned beyond the head of every run, and opens the step that the head waits for.
struct PlanAhead: Chore {
    let name = "plan ahead"
    let runs: RunStore
    let steps: StepStore
    let jobs: JobStore
    let logger: Logger

    func perform(_ settings: Settings, under term: Term) async throws {
        for run in try await runs.list() where run.head.state == .active {
            try await plan(run, horizon: settings.planHorizon, under: term)
            try await jobs.tuneDeadline(of: run.id, under: term)
        }
    }

    private func plan(_ run: Run, horizon: Int, under term: Term) async throws {
        let planner = try EpochPlanner(run)
        let planned = try await steps.plannedCount(of: run.id)
        let end = min(run.head.number + horizon, run.totalSteps)
        guard planned < end else { return }
        let added = try await steps.plan((planned..<end).map(planner.step), of: run.id, under: term)
        logger.debug(
            "steps planned",
            metadata: [LogKeys.run: .value(run.name), LogKeys.count: .value(added), LogKeys.step: .value(end)]
        )
    }
}

extension EpochPlanner {
    /// The plan that a stored run was created with.
    init(_ run: Run) throws {
        let recipe = try Recipe(json: run.recipe)
        self.init(recipe: recipe, epochSamples: run.epochSamples)
    }

    /// The plan of a recipe over so many images.
    package init(recipe: Recipe, epochSamples: Int) {
        self.init(
            epochSamples: epochSamples,
            imagesPerJob: recipe.aggregation.imagesPerJob,
            jobsPerStep: recipe.aggregation.jobsPerStep,
            updates: recipe.schedule.updates
        )
    }
}
