import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// Wrong numbers, whoever makes them, never reach the weights; and what they cost is a second computation.
@Suite(.temporaryDatabase(.migrated), .serialized) struct GateTests {
    /// Trains a run of its own to the end with these workers, under faults, and one aggregator.
    private func train(
        _ name: String,
        _ fleet: Fleet,
        steps: Int = 12,
        faults: [String?]
    ) async throws -> (run: Run, end: Version) {
        let run = try await fleet.createRun(name, steps: steps)
        let workers = try faults.map { try fleet.worker(run, fault: $0) }
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        let end = try await fleet.lastVersion(of: run)
        for role in workers + [aggregator] { #expect(await role.exitStatus() == 0, "\(role.text)") }
        return (run, end)
    }

    private func rejections(of run: Run, _ fleet: Fleet) async throws -> [String] {
        try await fleet.database.query(
            "SELECT reason FROM stillhouse.gradient WHERE run_id = \(run.id) AND state = 'rejected' ORDER BY job_id"
        ).map { try $0.decode("reason") }
    }

    @Test("what one worker spoils is refused for the right reason and done elsewhere, to the same bits")
    func oneWorker() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await train("calm", fleet, steps: 6, faults: [nil])
        for (fault, reason) in [
            ("worker.payload=nan:2", "nonfinite"), ("worker.payload=bitflip:2", "digest"),
            ("worker.payload=truncate:2", "layout"), ("worker.units=1000000:2", "counts"),
            ("worker.gradient=1e30:2", "norm"),
        ] {
            let spoiled = try await train("spoiled-\(reason)", fleet, steps: 6, faults: [fault, nil])
            #expect(spoiled.end.update.chainDigest == calm.end.update.chainDigest, "\(fault)")
            let reasons = try await rejections(of: spoiled.run, fleet)
            #expect(reasons.count == 1 && reasons[0].hasPrefix("\(reason):"), "\(fault): \(reasons)")
        }
        // Refused by the database itself, and by the worker: nothing reaches the gate.
        for fault in ["worker.units=-1:2", "worker.gradient=nan"] {
            let spoiled = try await train("own-\(fault.utf8.count)", fleet, steps: 6, faults: [fault, nil])
            #expect(spoiled.end.update.chainDigest == calm.end.update.chainDigest, "\(fault)")
            #expect(try await rejections(of: spoiled.run, fleet).isEmpty)
            #expect(try await fleet.attempts(of: spoiled.run, ended: "failed") > 0, "\(fault) has struck")
            #expect(try await GradientStore(fleet.database).badSamples(of: spoiled.run.id).isEmpty)
        }
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a sample that breaks every gradient is quarantined and listed, and the run completes")
    func poison() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let fault = "worker.gradient=nan@sample:7"
        let alone = try await train("alone", fleet, faults: [fault])
        let crowd = try await train("crowd", fleet, faults: [fault, fault, fault])
        #expect(crowd.end.update.chainDigest == alone.end.update.chainDigest)
        let recorded = try await GradientStore(fleet.database).badSamples(of: alone.run.id)
        #expect(recorded.map(\.sample.sampleID) == [7])
        #expect(recorded.first?.fromStep != nil && recorded.first?.workerAlias != nil)
        // Two failures, and then the attempt that finds it.
        #expect(try await fleet.attempts(of: alone.run, ended: "failed") == 2)
        let list = try fleet.start(["run", "samples", alone.run.name])
        #expect(await list.exitStatus() == 0, "\(list.text)")
        #expect(list.text.contains("its gradient is not a number"), "\(list.text)")
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("numbers far out of line that come out alike everywhere are the data's: admitted at a smaller scale")
    func outlier() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let fault = "worker.gradient=1e30@sample:7"
        let trained = try await train("outlier", fleet, faults: [fault, fault])
        let scales = try await fleet.database.query(
            "SELECT scale FROM stillhouse.version_member WHERE scale <> 1"
        ).map { try $0.decode("scale", as: Double.self) }
        #expect(!scales.isEmpty && scales.allSatisfy { $0 < 1e-20 })
        #expect(try await rejections(of: trained.run, fleet).count == scales.count)
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a run of which nothing is a number any more is blocked, and says so")
    func divergence() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let run = try await fleet.createRun("diverged")
        let worker = try fleet.worker(run, fault: "worker.gradient=nan")
        let runs = RunStore(fleet.database)
        try await eventually("the run is blocked") { try await runs.head(of: run.id)?.state == .blocked }
        let events = try await EventStore(fleet.database).list(of: run.id)
        #expect(events.contains { $0.kind == "run_diverged" && $0.detail.contains(#""number": 0"#) }, "\(events)")
        #expect(try await GradientStore(fleet.database).badSamples(of: run.id).isEmpty)
        try await fleet.expectHonoured()
        for role in [worker, coordinator] {
            await role.drain()
        }
        try fleet.remove()
    }

    @Test("a picture missing on one machine is read on another; missing everywhere, it is quarantined")
    func missingPicture() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await train("calm", fleet, faults: [nil])
        let holed = try await fleet.samplesWithHole()

        let one = try await fleet.createRun("one", steps: 12)
        let oneWorkers = [try fleet.worker(one, images: holed), try fleet.worker(one)]
        let oneAggregator = try fleet.start(["aggregator", "start", "--run", one.name])
        let oneEnd = try await fleet.lastVersion(of: one)
        #expect(oneEnd.update.chainDigest == calm.end.update.chainDigest)
        #expect(try await GradientStore(fleet.database).badSamples(of: one.id).isEmpty)

        let all = try await fleet.createRun("all", steps: 12)
        let allWorkers = [try fleet.worker(all, images: holed), try fleet.worker(all, images: holed)]
        let allAggregator = try fleet.start(["aggregator", "start", "--run", all.name])
        let allEnd = try await fleet.lastVersion(of: all)
        #expect(allEnd.update.chainDigest != calm.end.update.chainDigest)
        let recorded = try await GradientStore(fleet.database).badSamples(of: all.id)
        #expect(recorded.map(\.sample.sampleID) == [holed.missingSample], "\(recorded)")
        #expect(recorded.first?.fromStep != nil)

        for role in oneWorkers + allWorkers + [oneAggregator, allAggregator] {
            #expect(await role.exitStatus() == 0, "\(role.text)")
        }
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }
}
