import Foundation

/// F8: a storm of `pg_terminate_backend`; everybody connects again.
struct TerminatedSessions: FaultRow {
    let name = "F8 sessions terminated"
    let fault = "all sessions terminated, ten times over"
    let recipe = SmallRecipe.twentySteps

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        try scene.worker()
        try scene.worker()
        try scene.aggregator()
        try await scene.untilVersion(2)
        var total = 0
        for _ in 0..<10 {
            total += try await scene.terminateSessions()
            try await Task.sleep(for: .milliseconds(200))
        }
        scene.demand(total >= 20, "only \(total) sessions were ended")
        scene.struck("\(total) sessions ended")
        try await scene.untilNextVersion()
        scene.recovered()
    }
}
