import Foundation
import Stores
import TestSupport
import Testing

/// The promise: whoever computes, and whatever happens to them, the weights are the same to the last bit.
@Suite(.temporaryDatabase(.migrated), .serialized) struct DeterminismTests {
    @Test("one worker, three workers, and three of which one is killed and one stopped end in the same bits")
    func sameBits() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])

        let alone = try await fleet.createRun("alone")
        let aloneEnd = try await fleet.finish(alone, [try fleet.worker(alone, threads: 2)])

        let crowd = try await fleet.createRun("crowd")
        let workers = try (0..<3).map { _ in try fleet.worker(crowd) }
        let crowdEnd = try await fleet.finish(crowd, workers)

        let hurt = try await fleet.createRun("hurt")
        let hurtEnd = try await finishHurt(hurt, fleet)

        for end in [crowdEnd, hurtEnd] {
            #expect(end.number == 20)
            #expect(end.update.contentDigest == aloneEnd.update.contentDigest)
            #expect(end.update.chainDigest == aloneEnd.update.chainDigest)
        }
        #expect(try await fleet.contributors(to: alone) == 1)
        #expect(try await fleet.contributors(to: crowd) > 1)
        #expect(try await fleet.contributors(to: hurt) > 1)
        #expect(try await LedgerVerifier(fleet.database).firstDifference(between: alone.id, and: hurt.id) == nil)
        try await fleet.expectHonoured()

        await coordinator.drain()
        try fleet.remove()
    }

    /// One worker stops dead with a claimed job and is killed there; another stops with a computed gradient until its
    /// job was given away, then goes on and offers it.
    private func finishHurt(_ run: Run, _ fleet: Fleet) async throws -> Version {
        let killed = try fleet.worker(run, fault: "worker.claimed:2")
        let stopped = try fleet.worker(run, fault: "worker.computed:2")
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        // Each has a job in hand, if nobody has taken it back yet.
        try await eventually("both workers are stopped") { killed.isStopped && stopped.isStopped }
        killed.signal(SIGKILL)
        #expect(await killed.exitStatus() == -SIGKILL)
        let healthy = try fleet.worker(run)
        try await eventually("both jobs were taken from the dead and the silent") {
            try await fleet.attempts(of: run, ended: "lost") == 2
        }
        stopped.signal(SIGCONT)
        let version = try await fleet.lastVersion(of: run)
        #expect(await aggregator.exitStatus() == 0, "\(aggregator.text)")
        #expect(await healthy.exitStatus() == 0, "\(healthy.text)")
        #expect(await stopped.exitStatus() == 0, "\(stopped.text)")
        #expect(stopped.text.contains("no longer ours"), "\(stopped.text)")
        return version
    }
}
