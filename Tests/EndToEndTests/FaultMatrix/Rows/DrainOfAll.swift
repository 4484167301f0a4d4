/// F20: an operator drains every worker; all leave with 0, nothing is charged, and new ones go on.
struct DrainOfAll: FaultRow {
    let name = "F20 drain of all"
    let stretch = 5.0
    let fault = "`workers drain --all` in mid-training"

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        let crew = [try scene.worker(), try scene.worker()]
        try scene.aggregator()
        try await scene.untilVersion(1)
        let drain = try scene.fleet.start(["workers", "drain", "--all"])
        let status = await drain.exitStatus()
        scene.demand(status == 0, "drain ended with \(status ?? -1): \(drain.text)")
        scene.struck("asked through the database")
        try await scene.until("all workers have left") { crew.allSatisfy { !$0.isRunning } }
        scene.recovered()
        try scene.worker()
        try await scene.untilOver()
        let charges = try await scene.rescues() + scene.errors()
        scene.demand(charges == 0, "\(charges) charges")
    }
}
