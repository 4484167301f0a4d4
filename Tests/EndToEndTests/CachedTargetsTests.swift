import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// Cached targets save work and change nothing: whoever fills the cache, and whatever becomes of it.
@Suite(.temporaryDatabase(.migrated), .serialized) struct CachedTargetsTests {
    @Test(
        "a cold cache, a warm one, none any more in the midst of it, and workers that are killed end in the same bits"
    )
    func sameBits() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])

        let cold = try await fleet.createRun("cold", .cachedTargets)
        let coldEnd = try await fleet.finish(cold, [try fleet.worker(cold, threads: 2)])
        let stored = try await targetCount(fleet)
        #expect(stored > 0)

        // Everything that the one worker computed is there for three others.
        let warm = try await fleet.createRun("warm", .cachedTargets)
        let warmEnd = try await fleet.finish(warm, (0..<3).map { _ in try fleet.worker(warm) })
        #expect(try await targetCount(fleet) == stored)
        let hits = try await lookUps(fleet, warm)
        #expect(hits.found > 0 && hits.missing == 0, "\(hits)")

        let hurt = try await fleet.createRun("hurt", .cachedTargets)
        let hurtEnd = try await finishHurt(hurt, fleet)
        #expect(try await targetCount(fleet) > 0)

        for end in [warmEnd, hurtEnd] {
            #expect(end.update.contentDigest == coldEnd.update.contentDigest)
            #expect(end.update.chainDigest == coldEnd.update.chainDigest)
        }
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    /// Two of three workers are killed, one with a claimed job and one between two pictures, where half of a job's
    /// targets are stored; and the table is emptied under all of them.
    private func finishHurt(_ run: Run, _ fleet: Fleet) async throws -> Version {
        let doomed = [
            try fleet.worker(run, fault: "worker.claimed:2"), try fleet.worker(run, fault: "worker.computing:3"),
        ]
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        try await eventually("both workers are stopped") { doomed.allSatisfy(\.isStopped) }
        try await fleet.database.execute("TRUNCATE stillhouse.target")
        for worker in doomed {
            worker.signal(SIGKILL)
            #expect(await worker.exitStatus() == -SIGKILL)
        }
        // It stands with a job of the run's middle in hand, so that targets are missing and stored whatever the pace.
        let healthy = try fleet.worker(run, fault: "worker.claimed:12")
        try await eventually("the third worker is stopped") { healthy.isStopped }
        try await fleet.database.execute("TRUNCATE stillhouse.target")
        healthy.signal(SIGCONT)
        let version = try await fleet.lastVersion(of: run)
        #expect(await aggregator.exitStatus() == 0, "\(aggregator.text)")
        #expect(await healthy.exitStatus() == 0, "\(healthy.text)")
        return version
    }

    private func targetCount(_ fleet: Fleet) async throws -> Int {
        let rows = try await fleet.database.query("SELECT count(*) AS n FROM stillhouse.target", retry: .idempotent)
        return try #require(rows.first).decode("n")
    }

    /// What the run's workers reported with their last beats, as `status` adds it up.
    private func lookUps(_ fleet: Fleet, _ run: Run) async throws -> (found: Int, missing: Int) {
        let rows = try await fleet.database.query(
            """
            SELECT coalesce(sum((stats->>'found_targets')::float8), 0)::bigint AS found,
                coalesce(sum((stats->>'missing_targets')::float8), 0)::bigint AS missing
            FROM stillhouse.worker_session WHERE run_id = \(run.id)
            """,
            retry: .idempotent
        )
        let row = try #require(rows.first)
        return (try row.decode("found"), try row.decode("missing"))
    }
}
