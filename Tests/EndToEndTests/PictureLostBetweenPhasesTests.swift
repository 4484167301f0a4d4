import Datasets
import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// A picture that was embedded, and cannot be decoded when its gradient is due: the other gradients of the update have
/// counted on it.
@Suite(.temporaryDatabase(.migrated)) struct PictureLostBetweenPhasesTests {
    @Test("its job dies with its name, the run is blocked, and goes on to the same end when the picture is mended")
    func lostAndMended() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let pictures = fleet.file("pictures")
        try FileManager.default.copyItem(atPath: fleet.samples + "/training", toPath: pictures)
        let settings = ["objective.negatives=global", "schedule.updates=2", "data.root=\(pictures)"]
        let calm = try await fleet.createPairsRun("calm", settings: settings)
        let calmRoles = [try fleet.start(["aggregator", "start", "--run", calm.name]), try fleet.worker(calm)]
        let expected = try await fleet.lastVersion(of: calm)
        for role in calmRoles { #expect(await role.exitStatus() == 0, "\(role.text)") }

        let run = try await fleet.createPairsRun("torn", settings: settings)
        let worker = try fleet.worker(run)
        let jobs = JobStore(fleet.database)
        // Without an aggregator nobody opens the second phase.
        try await eventually("the first step is embedded") {
            try await jobs.counts(of: run.id)[.submitted] == 3
        }
        let keys = try FileManager.default.contentsOfDirectory(atPath: pictures).sorted()
        let sample = try #require(EpochOrder(runSeed: run.seed, epoch: 0, count: keys.count)[0..<1].first)
        let key = keys[Int(sample)]
        let path = "\(pictures)/\(key)"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try Data(repeating: 0x20, count: whole.count).write(to: URL(fileURLWithPath: path))

        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        try await eventually("the run is blocked") {
            try await RunStore(fleet.database).head(of: run.id)?.state == .blocked
        }
        let dead = try #require(try await jobs.list(of: run.id, in: .dead).first)
        #expect(dead.kind == .gradient && dead.arguments.step == 0 && dead.arguments.ordinal == 0)
        #expect(dead.errors == 3)
        #expect(dead.lastError?.contains("were embedded in the step's first phase") == true, "\(dead)")
        #expect(dead.lastError?.contains(key) == true, "\(dead)")
        let reason = try await RunStore(fleet.database).head(of: run.id)?.reason
        #expect(reason?.hasPrefix("job \(dead.id) is dead: ") == true && reason?.contains(key) == true)
        // Nobody was blamed for it, and nothing was left out.
        #expect(try await ProgressStore(fleet.database).badSampleCount(of: run.id) == 0)
        try await fleet.expectHonoured()

        try whole.write(to: URL(fileURLWithPath: path))
        #expect(try await jobs.retry(dead.id))
        let end = try await fleet.lastVersion(of: run)
        #expect(end.update.chainDigest == expected.update.chainDigest)
        for role in [worker, aggregator] { #expect(await role.exitStatus() == 0, "\(role.text)") }
        await coordinator.drain()
        try await fleet.expectHonoured()
        try fleet.remove()
    }
}
