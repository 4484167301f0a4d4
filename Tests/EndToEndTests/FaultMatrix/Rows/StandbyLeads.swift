/// F5 and F7: kill -9 of a leader that has a standby; the time is that until the standby leads, before any replay.
struct StandbyLeads: FaultRow {
    let role: LeaderRole

    init(_ role: LeaderRole) { self.role = role }

    var name: String { "\(role == .aggregator ? "F5" : "F7") \(role.rawValue) takeover" }
    var fault: String { "the leading \(role.rawValue) is killed, another stands by" }
    var recipe: SmallRecipe { .twentySteps }

    var recoveryLimit: Double? { 20 }

    func play(_ scene: FaultScene) async throws {
        let (leader, _) = try await scene.pair(role)
        _ = try scene.start(role == .aggregator ? .coordinator : .aggregator)
        try scene.worker()
        try await scene.untilVersion(2)
        let deposed = try await scene.term(of: role)
        try await scene.kill(leader)
        scene.struck("term \(deposed) ended by kill -9")
        try await scene.until("the standby leads") { try await scene.term(of: role) > deposed }
        scene.recovered()
    }
}
