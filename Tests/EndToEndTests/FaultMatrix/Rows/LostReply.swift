/// F12: the transaction that decides is committed, and its reply is lost with the connection.
struct LostReply: FaultRow {
    let victim: NetworkVictim
    let recipe: SmallRecipe

    init(_ victim: NetworkVictim, _ recipe: SmallRecipe = .eightSteps) { (self.victim, self.recipe) = (victim, recipe) }

    var name: String { "F12 lost reply \(victim.rawValue)\(recipe == .severalParts ? " of several parts" : "")" }
    var fault: String {
        victim == .worker ? "the reply to a submission is lost" : "the reply to a publication's COMMIT is lost"
    }

    func play(_ scene: FaultScene) async throws {
        let proxy = try scene.proxy()
        defer { proxy.close() }
        let role = try scene.crew(with: victim, behind: proxy)
        try await scene.untilVersion(recipe.steps > 3 ? 2 : 1)
        // The aggregator's transactions are a draft and a publication; only the latter notifies before it commits.
        switch victim {
        // A gradient of one part goes with its manifest in one statement, a larger one in a pipeline that ends with it.
        case .worker: proxy.loseReply(to: recipe == .severalParts ? "gradient_submit_v" : "gradient_offer_v")
        case .aggregator: proxy.loseReply(to: "COMMIT", after: "pg_notify")
        }
        try await scene.until("the reply is lost") { proxy.hasStruck }
        scene.struck("request forwarded, reply withheld")
        try await scene.untilNextVersion()
        scene.recovered()
        try await scene.untilOver()
        scene.demand(!role.text.contains("result dropped"), "what was handed in counts as dropped: \(role.text)")
    }
}
