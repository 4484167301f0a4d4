/// F13: LISTEN sessions are killed over and over; polling goes on.
struct KilledListeners: FaultRow {
    let name = "F13 listeners killed"
    let fault = "every LISTEN session is ended, ten times over"
    let recipe = SmallRecipe.twentySteps

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        try scene.worker()
        try scene.worker()
        try scene.aggregator()
        try await scene.until("somebody listens") { try await scene.sessions(like: "LISTEN%") > 0 }
        var total = 0
        for _ in 0..<10 {
            total += try await scene.terminateSessions(like: "LISTEN%")
            try await Task.sleep(for: .milliseconds(100))
        }
        if total > 0 { scene.struck("\(total) listeners ended") }
        try await scene.untilNextVersion()
        scene.recovered()
    }
}
