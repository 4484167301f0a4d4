/// F8: a fast restart of the database; sessions come back and nothing is rewound.
struct FastRestart: FaultRow {
    let name = "F8 fast restart"
    let fault = "PostgreSQL is restarted (fast) in mid-training"
    let server = FaultServer.Choice.own()

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        try scene.worker()
        try scene.worker()
        try scene.aggregator()
        try await scene.untilVersion(2)
        let server = try scene.ownServer()
        let old = try server.postmaster()
        try await server.stopFast()
        scene.struck("the postmaster was replaced")
        try await server.start()
        scene.demand(try server.postmaster() != old, "the postmaster is the old one")
        try await scene.untilNextVersion()
        scene.recovered()
    }
}
