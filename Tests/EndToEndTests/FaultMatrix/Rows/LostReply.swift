/// F12: the transaction that decides is committed, and its reply is lost with the connection.
struct LostReply: FaultRow {
    let victim: NetworkVictim

    init(_ victim: NetworkVictim) { self.victim = victim }

    var name: String { "F12 lost reply \(victim.rawValue)" }
    var fault: String {
        victim == .worker ? "the reply to a submission is lost" : "the reply to a publication's COMMIT is lost"
    }

    func play(_ scene: FaultScene) async throws {
        let proxy = try scene.proxy()
        defer { proxy.close() }
        try scene.crew(with: victim, behind: proxy)
        try await scene.untilVersion(2)
        // The aggregator's transactions are a draft and a publication; only the latter notifies before it commits.
        switch victim {
        case .worker: proxy.loseReply(to: "gradient_submit_v")
        case .aggregator: proxy.loseReply(to: "COMMIT", after: "pg_notify")
        }
        try await scene.until("the reply is lost") { proxy.hasStruck }
        scene.struck("request forwarded, reply withheld")
        try await scene.untilNextVersion()
        scene.recovered()
        try await scene.untilOver()
    }
}
