import Postgres
import TestSupport

/// F14: a transaction stays open all the while; dead rows pile up behind it, claims go on.
struct IdleTransaction: FaultRow {
    let name = "F14 idle transaction"
    let fault = "a transaction with a snapshot is held from before the first step to after the last"
    let recipe = SmallRecipe.twentySteps
    let server = FaultServer.Choice.own(["idle_in_transaction_session_timeout": "0"])

    func play(_ scene: FaultScene) async throws {
        let holder = PostgresConnection(scene.fleet.database.configuration, logger: TemporaryDatabase.silentLogger)
        try await holder.connect()
        try await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        let counted = "SELECT count(*) AS n FROM stillhouse.version"
        let first: Int = try await holder.query("\(unescaped: counted)").first?.decode("n") ?? 0
        try scene.coordinator()
        try scene.worker()
        try scene.worker()
        try scene.aggregator()
        try await scene.untilVersion(recipe.steps)
        let last: Int = try await holder.query("\(unescaped: counted)").first?.decode("n") ?? -1
        let holders = try await scene.number(
            "SELECT count(*) AS n FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND state = 'idle in transaction'"
        )
        scene.demand(first == last && holders == 1, "the snapshot was not held: \(first), \(last), \(holders)")
        scene.struck("its snapshot still shows \(last) version")
        await holder.close()
        try await scene.untilOver()
        scene.recovered()
    }
}
