import Foundation
import Postgres
import Stores
import Telemetry

/// F9 in a step of two phases: a crash of the database takes gradients, but no embedding.
struct CrashedServerInPhase: FaultRow {
    /// In the first phase; else in the second.
    let embeds: Bool

    let recipe = SmallRecipe.twoPhases
    let server = FaultServer.Choice.own()
    let stretch = 2.0

    var name: String { "F9 \(embeds ? "first" : "second") phase" }
    var fault: String { "PostgreSQL crashes while a step \(embeds ? "is embedded" : "computes gradients")" }

    func play(_ scene: FaultScene) async throws {
        let coordinator = try scene.coordinator()
        let point = embeds ? FaultPoint.workerArtifactSubmitted : .workerSubmitted
        let worker = try scene.worker(fault: "\(point.rawValue):2")
        try scene.aggregator()
        try await scene.stopped(worker)
        try await scene.kill(worker)
        let before = try await artifacts(scene)
        scene.demand(before == (embeds ? 2 : recipe.jobsPerStep), "\(before) artifacts before the crash")
        try await scene.crash(.killedPostmaster, before: coordinator)
        scene.struck("sentinel missing")
        let after = try await artifacts(scene)
        scene.demand(after == before, "\(after) artifacts after the crash, \(before) before")
        coordinator.signal(SIGCONT)
        try await scene.until("the crash is reconciled") { try await scene.events("database_crashed") > 0 }
        try scene.worker()
        try await scene.untilNextVersion()
        scene.recovered()
        let embedded = try await scene.number(
            """
            SELECT count(*) AS n FROM stillhouse.job_attempt a JOIN stillhouse.job j USING (job_id)
            WHERE j.run_id = \(scene.run.id) AND j.step = 0 AND j.kind = 'embed'
            """
        )
        scene.demand(embedded == recipe.jobsPerStep, "the first step was embedded by \(embedded) attempts")
    }

    /// Whole ones, with all their parts.
    private func artifacts(_ scene: FaultScene) async throws -> Int {
        try await scene.number(
            """
            SELECT count(*) AS n FROM stillhouse.step_artifact a WHERE a.run_id = \(scene.run.id) AND a.n_parts = (
                SELECT count(*) FROM stillhouse.artifact_chunk c WHERE (c.job_id, c.attempt) = (a.job_id, a.attempt)
            )
            """
        )
    }
}
