import Logging
package import Recipes
import Stores
import Synchronization
import Telemetry

/// Keeps enough steps planned beyond the head of every run, and opens the step that the head waits for.
///
/// Enough are `planHorizon` steps, and where steps take milliseconds three times what the run has applied since the last
/// turn: a plan that runs dry between two turns holds up every worker.
final class PlanAhead: Chore {
    let name = "plan ahead"
    private let runs: RunStore
    private let steps: StepStore
    private let jobs: JobStore
    private let logger: Logger
    /// Where each run stood in the last turn.
    private let numbers = Mutex<[RunID: Int]>([:])

    init(runs: RunStore, steps: StepStore, jobs: JobStore, logger: Logger) {
        (self.runs, self.steps, self.jobs, self.logger) = (runs, steps, jobs, logger)
    }

    func perform(_ settings: Settings, under term: Term) async throws {
        let active = try await runs.list().filter { $0.head.state == .active }
        let former = numbers.withLock { numbers in
            defer { numbers = Dictionary(active.map { ($0.id, $0.head.number) }) { $1 } }
            return numbers
        }
        for run in active {
            let advanced = former[run.id].map { run.head.number - $0 } ?? 0
            let horizon = PlanHorizon.steps(atLeast: settings.planHorizon, appliedSinceLastTurn: advanced)
            try await plan(run, horizon: horizon, under: term)
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
            updates: recipe.schedule.updates,
            hasEmbedPhase: recipe.hasEmbedPhase,
            evaluations: EpochPlanner.Evaluations(every: recipe.evaluation.every, count: recipe.evaluation.sets.count)
        )
    }
}
