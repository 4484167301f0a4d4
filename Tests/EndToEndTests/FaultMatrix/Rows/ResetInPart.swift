/// F12: the connection is reset in the middle of a gradient's part.
struct ResetInPart: FaultRow {
    let name = "F12 reset in a part"
    let fault = "a worker's connection is reset in the midst of a part"
    let recipe = SmallRecipe.severalParts

    func play(_ scene: FaultScene) async throws {
        let proxy = try scene.proxy()
        defer { proxy.close() }
        try scene.crew(with: .worker, behind: proxy)
        try await scene.untilVersion(1)
        // Beats, claims and queries are a few hundred bytes; only a part brings one and a half mebibytes at once.
        proxy.reset(afterBytes: 3 << 19)
        try await scene.until("the connection is reset") { proxy.hasStruck }
        scene.struck("RST after 1.5 MiB")
        try await scene.untilNextVersion()
        scene.recovered()
        try await scene.untilOver()
    }
}
