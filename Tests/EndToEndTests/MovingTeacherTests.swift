import Checkpoints
import Foundation
import Layers
import Models
import Objectives
import Optimizers
import OrderedCollections
import Postgres
import Recipes
import Stores
import TestSupport
import Testing
import Transfers

/// A training whose teacher moves: student, teacher and centre are one version, whatever happens to whom.
@Suite(.temporaryDatabase(.migrated), .serialized) struct MovingTeacherTests {
    private func plan(of run: Run) throws -> TrainingPlan {
        try TrainingPlan(Recipe(json: run.recipe), model: ModelConfiguration(json: Array(run.model.utf8)))
    }

    @Test("one worker, and three of which one is killed under aggregators killed everywhere, end in the same bits")
    func sameBits() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await fleet.createPairsRun("calm")
        let calmEnd = try await fleet.finish(calm, [try fleet.worker(calm, threads: 2)])

        try await fleet.database.execute("UPDATE stillhouse.setting SET checkpoint_versions = 3")
        let stormy = try await fleet.createPairsRun("stormy")
        let killed = try fleet.worker(stormy, fault: "worker.computed")
        try await eventually("a worker is stopped with a gradient in hand") { killed.isStopped }
        killed.signal(SIGKILL)
        #expect(await killed.exitStatus() == -SIGKILL)
        let workers = [try fleet.worker(stormy), try fleet.worker(stormy)]
        // The third leaves two versions behind that the fourth has to replay.
        let points = [
            "aggregator.reduced", "aggregator.drafted", "aggregator.published:2", "aggregator.replayed",
            "aggregator.checkpointing",
        ]
        for point in points {
            let victim = try fleet.start(["aggregator", "start", "--run", stormy.name], fault: point)
            try await eventually("an aggregator is stopped at \(point)") {
                _ = try await RunStore(fleet.database).head(of: stormy.id)
                return victim.isStopped
            }
            victim.signal(SIGKILL)
            #expect(await victim.exitStatus() == -SIGKILL)
        }
        let end = try await fleet.finish(stormy, workers)
        #expect(end.number == 6)
        #expect(end.update.contentDigest == calmEnd.update.contentDigest)
        #expect(end.update.chainDigest == calmEnd.update.chainDigest)
        let start = try #require(try await WeightStore(fleet.database).version(number: 0, of: calm.id))
        for role in [ChunkRole.student, .teacher, .centre] {
            #expect(try await fleet.digests(role, of: start) != fleet.digests(role, of: end), "\(role)")
        }
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a run that lost its head and its aggregator in a crash of the database comes out the same")
    func databaseCrash() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await fleet.createPairsRun("calm")
        let calmEnd = try await fleet.finish(calm, [try fleet.worker(calm)])

        let crashed = try await fleet.createPairsRun("crashed")
        let worker = try fleet.worker(crashed)
        let victim = try fleet.start(["aggregator", "start", "--run", crashed.name], fault: "aggregator.published:3")
        try await eventually("three versions are out and the aggregator is stopped") {
            _ = try await RunStore(fleet.database).head(of: crashed.id)
            return victim.isStopped
        }
        victim.signal(SIGKILL)
        #expect(await victim.exitStatus() == -SIGKILL)
        try await fleet.database.loseUnloggedTables()
        try await eventually("the coordinator has taken the run back") {
            try await RunStore(fleet.database).head(of: crashed.id)?.number == 0
        }
        let end = try await fleet.finish(crashed, [worker])
        #expect(end.update.chainDigest == calmEnd.update.chainDigest)
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("the teacher that is pulled is what the published students make it, in open_clip's keys without the head")
    func pulledTeacher() async throws {
        let fleet = try await Fleet()
        try await fleet.database.execute("UPDATE stillhouse.setting SET versions_kept = 100")
        let coordinator = try fleet.start(["coordinator", "start"])
        let run = try await fleet.createPairsRun("pulled")
        let end = try await fleet.finish(run, [try fleet.worker(run)])

        let plan = try plan(of: run)
        let (student, teacher) = try await recomputed(plan, run, fleet)
        #expect(end.number == 6)
        for role in ["student", "teacher"] {
            let pull = try fleet.start(
                ["weights", "pull", run.name, "--role", role, "--output", fleet.file("\(role).safetensors")]
            )
            #expect(await pull.exitStatus() == 0, "\(pull.text)")
        }
        let pulled = try Checkpoint.read(fleet.file("teacher.safetensors"))
        // Strictly: the model's keys and no others.
        #expect(Set(pulled.tensors.keys) == Set(plan.modelParameters.map(\.path)))
        #expect(!pulled.tensors.keys.contains { plan.objective.isAuxiliary($0) })
        for (index, slice) in plan.teacher.slices.enumerated() where slice.path.hasPrefix("visual.") {
            let values = try pulled.tensor(named: slice.path).floats()
            #expect(values == Array(teacher[plan.teacher.range(of: index)]), "\(slice.path)")
        }
        for (index, slice) in plan.student.slices.enumerated() where !slice.path.hasPrefix("visual.") {
            guard !plan.objective.isAuxiliary(slice.path) else { continue }
            let values = try pulled.tensor(named: slice.path).floats()
            #expect(values == Array(student[plan.student.range(of: index)]), "\(slice.path)")
        }
        try await expectStarts(from: "student.safetensors", fleet)
        await coordinator.drain()
        try fleet.remove()
    }

    /// The last student, and the teacher that follows from all of them.
    private func recomputed(
        _ plan: TrainingPlan,
        _ run: Run,
        _ fleet: Fleet
    ) async throws -> (student: [Float], teacher: [Float]) {
        let store = WeightStore(fleet.database)
        let average = try #require(plan.teacherAverage)
        var traffic = WeightReader.Traffic()
        var (student, teacher): ([Float], [Float]) = ([], [])
        for version in try await store.list(of: run.id) {
            student = try await WeightReader(store)
                .read(.student, of: version.id, count: plan.student.count, traffic: &traffic)
            let followed = plan.teacherRanges.flatMap { student[$0] }
            guard version.number > 0 else {
                teacher = followed
                continue
            }
            let weight = average.weight(samples: version.update.samples)
            for (index, value) in followed.enumerated() {
                let distance = value - teacher[index]
                let step = weight * distance
                teacher[index] += step
            }
            let published = try await WeightReader(store)
                .read(.teacher, of: version.id, count: plan.teacher.count, traffic: &traffic)
            #expect(published == teacher, "version \(version.number)")
        }
        return (student, teacher)
    }

    /// A run from a pulled file has its towers and draws its own head; its teacher is its student.
    private func expectStarts(from file: String, _ fleet: Fleet) async throws {
        let child = try await fleet.createPairsRun(
            "child",
            settings: ["start.initialize=null", "start.weights=\(fleet.file(file))"]
        )
        let plan = try plan(of: child)
        let store = WeightStore(fleet.database)
        let start = try #require(try await store.version(number: 0, of: child.id))
        var traffic = WeightReader.Traffic()
        let student = try await WeightReader(store)
            .read(.student, of: start.id, count: plan.student.count, traffic: &traffic)
        let given = try Checkpoint.read(fleet.file(file))
        var drawn = 0
        for (index, slice) in plan.student.slices.enumerated() {
            let values = Array(student[plan.student.range(of: index)])
            if plan.objective.isAuxiliary(slice.path) {
                drawn += values.contains { $0 != 0 } ? 1 : 0
            } else {
                #expect(try given.tensor(named: slice.path).floats() == values, "\(slice.path)")
            }
        }
        #expect(drawn >= 4)
        let teacher = try await WeightReader(store)
            .read(.teacher, of: start.id, count: plan.teacher.count, traffic: &traffic)
        #expect(teacher == plan.teacherRanges.flatMap { student[$0] })
        let centre = try await WeightReader(store)
            .read(.centre, of: start.id, count: plan.centreSize, traffic: &traffic)
        #expect(centre == [Float](repeating: 0, count: 24))
    }

    @Test("a fork goes on with the teacher and the centre of its version, and another teacher's settings are refused")
    func fork() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let root = try await fleet.createPairsRun("root")
        let rootEnd = try await fleet.finish(root, [try fleet.worker(root)])
        let chunks = try await fleet.count("weights")
        let child = try await fleet.fork("child", from: "root@6", ["schedule.updates=2"])
        let start = try #require(try await WeightStore(fleet.database).version(number: 0, of: child.id))
        for role in [ChunkRole.student, .teacher, .centre, .frozen] {
            #expect(try await fleet.digests(role, of: start) == fleet.digests(role, of: rootEnd), "\(role)")
        }
        #expect(try await fleet.count("weights") == chunks)
        let end = try await fleet.finish(child, [try fleet.worker(child)])
        #expect(end.number == 2)
        let other = try fleet.start(["run", "fork", "other", "--from", "root", "--set", "objective.prototypes=16"])
        #expect(await other.exitStatus() == 64, "\(other.text)")
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }
}
