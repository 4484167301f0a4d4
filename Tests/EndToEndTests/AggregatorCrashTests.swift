import Foundation
import Stores
import Telemetry
import TestSupport
import Testing

/// An aggregator keeps nothing that the database does not have.
@Suite(.temporaryDatabase(.migrated)) struct AggregatorCrashTests {
    @Test("killed before, within and after a publication, its successors end in the same bits")
    func sameBits() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await fleet.createRun("calm")
        let calmWorker = try fleet.worker(calm)
        let calmAggregator = try fleet.start(["aggregator", "start", "--run", calm.name])
        let calmEnd = try await fleet.lastVersion(of: calm)

        let stormy = try await fleet.createRun("stormy")
        let worker = try fleet.worker(stormy)
        for point in [FaultPoint.aggregatorReduced, .aggregatorDrafted, .aggregatorPublished] {
            let victim = try fleet.start(["aggregator", "start", "--run", stormy.name], fault: "\(point.rawValue):3")
            try await eventually("an aggregator is stopped at \(point.rawValue)") {
                _ = try await RunStore(fleet.database).head(of: stormy.id)
                return victim.isStopped
            }
            victim.signal(SIGKILL)
            #expect(await victim.exitStatus() == -SIGKILL)
        }
        let last = try fleet.start(["aggregator", "start", "--run", stormy.name])
        let end = try await fleet.lastVersion(of: stormy)

        #expect(end.update.chainDigest == calmEnd.update.chainDigest)
        #expect(end.number == 20)
        for role in [calmWorker, calmAggregator, worker, last] {
            #expect(await role.exitStatus() == 0, "\(role.text)")
        }
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }
}
