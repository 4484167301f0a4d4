/// F6: two aggregators from start to end; one leads.
struct TwoAggregators: FaultRow {
    let name = "F6 two aggregators"
    let fault = "two aggregators serve one run at once"

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        let (leader, standby) = try await scene.pair(.aggregator)
        try scene.worker()
        try await scene.untilVersion(2)
        if leader.isRunning && standby.isRunning { scene.struck("both run, one stands by") }
        try await scene.untilNextVersion()
        scene.recovered()
        try await scene.untilOver()
        scene.demand(!standby.text.contains("version published"), "the standby published: \(standby.text)")
    }
}
