import Foundation

/// F15: the server's disk is full, to the last byte; when there is space again the run goes on.
struct FullDisk: FaultRow {
    let name = "F15 disk full"
    let fault = "not a byte is left on the server's disk for a while"
    let recipe = SmallRecipe.severalParts
    let server = FaultServer.Choice.ownOnSmallDisk(mebibytes: 256)
    let takesRoot = true

    func play(_ scene: FaultScene) async throws {
        let server = try scene.ownServer()
        try scene.coordinator()
        let worker = try scene.worker()
        let aggregator = try scene.aggregator()
        try await scene.untilVersion(1)
        try server.fillDisk()
        try await scene.until("the server finds no space") { server.log.contains("No space left on device") }
        scene.struck("\"No space left on device\" in the server's log")
        try await Task.sleep(for: .seconds(10 * scene.fleet.timeScale))
        scene.demand(worker.isRunning, "the worker gave up: \(worker.text.suffix(2000))")
        scene.demand(aggregator.isRunning, "the aggregator gave up: \(aggregator.text.suffix(2000))")
        try server.freeDisk()
        // Without space for its log the server may have ended itself; who keeps it starts it again.
        try await server.start()
        try await scene.untilNextVersion()
        scene.recovered()
    }
}
