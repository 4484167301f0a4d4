/// F7: two coordinators; a lost job is rescued once.
struct TwoCoordinators: FaultRow {
    let name = "F7 two coordinators"
    let fault = "two coordinators while a worker dies"

    func play(_ scene: FaultScene) async throws {
        let coordinators = [try scene.coordinator(), try scene.coordinator()]
        let victim = try scene.worker(fault: "worker.claimed:3")
        try scene.aggregator()
        try await scene.stopped(victim)
        try await scene.kill(victim)
        let alive = coordinators.filter(\.isRunning).count
        scene.demand(alive == 2, "\(alive) coordinators live")
        scene.struck("a worker killed before the eyes of two")
        try await scene.untilAttempts(ended: "lost")
        scene.recovered()
        try scene.worker()
        try await scene.untilVersion(recipe.steps)
        let rescues = try await scene.rescues()
        let lost = try await scene.fleet.attempts(of: scene.run, ended: "lost")
        scene.demand(rescues == lost, "\(rescues) rescues of \(lost) lost attempts")
    }
}
