/// F12: the server's side of every connection is gone and nobody tells the client, whose packets are acknowledged.
struct HalfOpenConnections: FaultRow {
    let victim: NetworkVictim

    init(_ victim: NetworkVictim) { self.victim = victim }

    var name: String { "F12 half-open \(victim.rawValue)" }
    var fault: String { "the \(victim.rawValue)'s connections fall silent for ever" }

    func play(_ scene: FaultScene) async throws {
        let proxy = try scene.proxy()
        defer { proxy.close() }
        try scene.crew(with: victim, behind: proxy)
        try await scene.untilVersion(2)
        let before = proxy.totalCount
        let silenced = proxy.halfClose()
        scene.demand(silenced > 0, "no connection stood")
        if silenced > 0 { scene.struck("\(silenced) connections silenced") }
        try await scene.until("the victim connects again") { proxy.totalCount > before }
        try await scene.untilNextVersion()
        scene.recovered()
        try await scene.untilVersion(recipe.steps)
        try await scene.untilOver()
    }
}
