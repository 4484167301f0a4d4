import Postgres
import TestSupport

/// F14: strangers fill the server's connections; who is connected works on, who comes waits.
struct FullConnectionPool: FaultRow {
    let name = "F14 connections full"
    let fault = "other sessions take every free connection of the server"
    let recipe = SmallRecipe.twentySteps
    let server = FaultServer.Choice.own(["max_connections": "24", "superuser_reserved_connections": "0"])

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        try scene.worker()
        try scene.aggregator()
        try await scene.untilVersion(2)
        var strangers: [PostgresConnection] = []
        var refusal: SQLState?
        while refusal == nil {
            let stranger = PostgresConnection(
                scene.fleet.database.configuration,
                logger: TemporaryDatabase.silentLogger
            )
            do {
                try await stranger.connect()
                strangers.append(stranger)
            } catch {
                refusal = error.sqlState
            }
        }
        if refusal == .tooManyConnections { scene.struck("\(strangers.count) strangers, the next was refused") }
        let late = try scene.worker()
        let number = try await scene.headNumber
        // The fleet that is connected does not notice.
        try await scene.untilVersion(number + 2)
        scene.recovered()
        scene.demand(late.isRunning, "the worker that found no connection gave up: \(late.text)")
        for stranger in strangers { await stranger.close() }
    }
}
