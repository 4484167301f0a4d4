import Foundation
import Postgres
import Stores
import Telemetry
import TestSupport
import Testing

/// Between two checkpoints the moments exist in one process only; the ledger gives them back.
@Suite(.temporaryDatabase(.migrated)) struct ReplayTests {
    @Test("an aggregator killed while checkpointing or replaying has successors that end in the same bits")
    func sameBits() async throws {
        let fleet = try await Fleet()
        try await fleet.database.execute("UPDATE stillhouse.setting SET checkpoint_versions = 7")
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await fleet.createRun("calm")
        let calmWorker = try fleet.worker(calm)
        let calmAggregator = try fleet.start(["aggregator", "start", "--run", calm.name])
        let calmEnd = try await fleet.lastVersion(of: calm)

        let stormy = try await fleet.createRun("stormy")
        let worker = try fleet.worker(stormy)
        // The first dies at version 5, so that there is something to replay; the third when 7 is nearly durable.
        for fault in ["aggregator.published:5", "aggregator.replayed:4", "aggregator.checkpointing"] {
            let victim = try fleet.start(["aggregator", "start", "--run", stormy.name], fault: fault)
            try await eventually("an aggregator is stopped at \(fault)") {
                _ = try await RunStore(fleet.database).head(of: stormy.id)
                return victim.isStopped
            }
            victim.signal(SIGKILL)
            #expect(await victim.exitStatus() == -SIGKILL)
        }
        let last = try fleet.start(["aggregator", "start", "--run", stormy.name])
        let end = try await fleet.lastVersion(of: stormy)

        #expect(end.update.chainDigest == calmEnd.update.chainDigest)
        #expect(end.isDurable)
        // One checkpoint after 7 versions at least, and the last version.
        let durable = try await EventStore(fleet.database).list(of: stormy.id).filter { $0.kind == "version_durable" }
        #expect(!durable.isEmpty)
        for role in [calmWorker, calmAggregator, worker, last] {
            #expect(await role.exitStatus() == 0, "\(role.text)")
        }
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("an aggregator that is told to leave leaves nothing to be replayed")
    func leavesDurable() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let run = try await fleet.createRun("left")
        let worker = try fleet.worker(run)
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        try await eventually("three versions are published") {
            try await RunStore(fleet.database).head(of: run.id)?.number ?? 0 >= 3
        }
        await aggregator.drain()
        let head = try #require(try await WeightStore(fleet.database).head(of: run.id))
        #expect(head.isDurable)
        for role in [worker, coordinator] {
            await role.drain()
        }
        try fleet.remove()
    }
}
