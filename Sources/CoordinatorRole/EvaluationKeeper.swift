import Logging
import Stores
import Telemetry

/// Gives up evaluations that nobody can do, and ends runs that have only waited for their evaluations.
struct EvaluationKeeper: Chore {
    let name = "keep evaluations"
    let evaluations: EvaluationStore
    let logger: Logger

    func perform(_ settings: Settings, under term: Term) async throws {
        let upkeep = try await evaluations.keepUp(under: term)
        if upkeep.lostCount > 0 {
            logger.warning(
                "evaluations of lost versions cancelled",
                metadata: [LogKeys.count: .value(upkeep.lostCount)]
            )
        }
        for run in upkeep.finishedRuns {
            logger.info("evaluations done, run finished", metadata: [LogKeys.run: .value(run.rawValue)])
        }
    }
}
