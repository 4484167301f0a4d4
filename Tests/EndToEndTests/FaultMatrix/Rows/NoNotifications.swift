/// F13: no notification ever arrives.
struct NoNotifications: FaultRow {
    let name = "F13 no notifications"
    let fault = "nobody listens; polling alone carries the run"

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        try scene.worker(["--no-listen"])
        try scene.worker(["--no-listen"])
        try scene.aggregator(["--no-listen"])
        try await scene.untilVersion(1)
        let listeners = try await scene.sessions(like: "LISTEN%")
        if listeners == 0 { scene.struck("no session listens") }
        try await scene.untilNextVersion()
        scene.recovered()
    }
}
