/// F12: the network is a black hole for one and a half leases, then carries everything again.
struct HeldNetwork: FaultRow {
    let victim: NetworkVictim

    init(_ victim: NetworkVictim) { self.victim = victim }

    var name: String { "F12 black hole \(victim.rawValue)" }
    var fault: String { "nothing reaches or leaves the \(victim.rawValue) for one and a half leases" }

    func play(_ scene: FaultScene) async throws {
        let proxy = try scene.proxy()
        defer { proxy.close() }
        let role = try scene.crew(with: victim, behind: proxy)
        try await scene.untilVersion(2)
        proxy.hold()
        try await Task.sleep(for: .seconds(30 * scene.fleet.timeScale))
        let number = try await scene.headNumber
        scene.struck("held for \(30 * scene.fleet.timeScale) s")
        proxy.release()
        try await scene.untilVersion(min(number + 1, recipe.steps))
        scene.recovered()
        scene.demand(role.isRunning || number + 1 >= recipe.steps, "the victim had to be started again")
        try await scene.untilOver()
    }
}
