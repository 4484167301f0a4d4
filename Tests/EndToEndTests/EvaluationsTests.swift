import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// Versions that workers evaluate while the run goes on.
@Suite(.temporaryDatabase(.migrated), .serialized) struct EvaluationsTests {
    /// A few nouns of the samples, with all their drawings.
    private func cutouts(_ fleet: Fleet) throws -> String {
        let (root, nouns) = (fleet.file("cutouts"), ["apple", "bus", "cat"])
        guard !FileManager.default.fileExists(atPath: root) else { return root }
        try FileManager.default.createDirectory(atPath: root + "/sprites", withIntermediateDirectories: true)
        for noun in nouns {
            let source = "\(fleet.samples)/desk/train/sprites/\(noun)"
            try FileManager.default.copyItem(atPath: source, toPath: "\(root)/sprites/\(noun)")
        }
        return root
    }

    /// Six versions, of which the second, fourth and sixth are evaluated.
    private func create(_ name: String, _ fleet: Fleet, also sets: String = "") async throws -> Run {
        let scenes = "{name: scenes, kind: scenes, root: \(try cutouts(fleet)), count: 24, size: 32, seed: 5}"
        let pairs = "{name: pairs, kind: retrieval, table: \(fleet.file("pairs.csv")), root: \(fleet.samples)/training}"
        return try await fleet.createPairsRun(
            name,
            settings: [
                "evaluation.every=2", "evaluation.teacher=true", "evaluation.sets=[\(scenes), \(pairs)\(sets)]",
            ]
        )
    }

    private func finish(_ run: Run, _ fleet: Fleet, _ roles: [RoleUnderTest]) async throws -> [Metric] {
        let version = try await fleet.lastVersion(of: run)
        #expect(version.number == 6)
        for role in roles { #expect(await role.exitStatus() == 0, "\(role.text)") }
        return try await EvaluationStore(fleet.database).metrics(of: run.id)
    }

    @Test("one worker, and three others of which one each was killed around an evaluation, find the same numbers")
    func sameNumbers() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await create("calm", fleet)
        let calmRoles = [
            try fleet.start(["aggregator", "start", "--run", calm.name]), try fleet.worker(calm, threads: 2),
        ]
        let expected = try await finish(calm, fleet, calmRoles)
        let names = Set(expected.map(\.name))
        for name in ["scenes.top1", "scenes.top5", "scenes.teacher.top1", "pairs.image_to_text.r1"] {
            #expect(names.contains("evaluation.\(name)"), "\(names)")
        }
        #expect(Set(expected.map(\.number)) == [2, 4, 6] && expected.count == 3 * names.count)
        #expect(expected.contains(Metric(number: 4, name: "evaluation.scenes.images", value: 24)))

        let stormy = try await create("stormy", fleet)
        let aggregator = try fleet.start(["aggregator", "start", "--run", stormy.name])
        for point in ["worker.evaluating:2", "worker.evaluated", "worker.evaluation_submitted"] {
            // Alone, it gets there for certain: training comes first, but not for ever.
            let victim = try fleet.worker(stormy, fault: point)
            try await eventually("a worker is stopped at \(point)") {
                _ = try await RunStore(fleet.database).head(of: stormy.id)
                return victim.isStopped
            }
            victim.signal(SIGKILL)
            #expect(await victim.exitStatus() == -SIGKILL)
        }
        let workers = try (0..<3).map { _ in try fleet.worker(stormy) }
        let found = try await finish(stormy, fleet, [aggregator] + workers)
        #expect(found == expected)
        #expect(try await fleet.attempts(of: stormy, ended: "lost") >= 2)
        #expect(try await EvaluationStore(fleet.database).counts(of: stormy.id) == [.applied: 6])
        #expect(try await LedgerVerifier(fleet.database).firstDifference(between: calm.id, and: stormy.id) == nil)
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("one that no machine can do is given up and shown, and the run is finished without it")
    func givenUp() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let lost = "{name: lost, kind: classification, root: \(fleet.file("nowhere"))}"
        let run = try await create("lossy", fleet, also: ", \(lost)")
        let roles = [try fleet.start(["aggregator", "start", "--run", run.name]), try fleet.worker(run)]
        let metrics = try await finish(run, fleet, roles)
        #expect(Set(metrics.map(\.number)) == [2, 4, 6])
        #expect(!metrics.contains { $0.name.hasPrefix("evaluation.lost") })
        #expect(try await EvaluationStore(fleet.database).counts(of: run.id) == [.applied: 6, .dead: 3])

        let status = try fleet.start(["status", run.name])
        #expect(await status.exitStatus() == 0)
        #expect(status.text.contains("6 done") && status.text.contains("3 dead"), "\(status.text)")
        #expect(status.text.contains("--kind evaluate --state dead"), "\(status.text)")
        #expect(status.text.contains(/scenes\.top1 +0\.\d{4} at version 6/), "\(status.text)")
        let list = try fleet.start(["jobs", "list", "--run", run.name, "--kind", "evaluate", "--state", "dead"])
        #expect(await list.exitStatus() == 0)
        #expect(list.text.contains("evaluate") && list.text.contains("dead"), "\(list.text)")
        let dead = try await JobStore(fleet.database).list(of: run.id, .evaluate, in: .dead)
        #expect(dead.allSatisfy { $0.lastError?.contains("nowhere") == true }, "\(dead)")
        let show = try fleet.start(["run", "show", run.name])
        #expect(await show.exitStatus() == 0)
        #expect(show.text.contains("evaluation_dead") && show.text.contains("pairs.text_to_image.r10"), "\(show.text)")
        let json = try fleet.start(["status", run.name, "--json"])
        #expect(await json.exitStatus() == 0)
        #expect(json.text.contains(#""name" : "scenes.teacher.top1""#), "\(json.text)")
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a worker that drains in an evaluation gives it back, and its run is finished by another")
    func drained() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let run = try await create("drained", fleet)
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        let leaving = try fleet.start(
            ["worker", "start", "--run", run.name, "--threads", "1", "--drain-timeout", "0"],
            fault: "worker.evaluating"
        )
        try await eventually("a worker is stopped in an evaluation") {
            _ = try await RunStore(fleet.database).head(of: run.id)
            return leaving.isStopped
        }
        leaving.signal(SIGTERM)
        leaving.signal(SIGCONT)
        let status = await leaving.exitStatus()
        #expect(status == 75 || status == 0, "\(leaving.text)")
        _ = try await finish(run, fleet, [aggregator, try fleet.worker(run)])
        let evaluations = try await JobStore(fleet.database).list(of: run.id, .evaluate)
        #expect(evaluations.allSatisfy { $0.errors == 0 && $0.rescues <= 1 })
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a crash of the database that takes versions back has theirs evaluated again, to the same numbers")
    func databaseCrash() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await create("calm", fleet)
        let calmRoles = [try fleet.start(["aggregator", "start", "--run", calm.name]), try fleet.worker(calm)]
        let expected = try await finish(calm, fleet, calmRoles)

        let crashed = try await create("crashed", fleet)
        let worker = try fleet.worker(crashed)
        let victim = try fleet.start(["aggregator", "start", "--run", crashed.name], fault: "aggregator.published:3")
        try await eventually("three versions are out, and the second is evaluated") {
            let done = try await EvaluationStore(fleet.database).counts(of: crashed.id)[.applied] ?? 0
            return victim.isStopped && done == 2
        }
        victim.signal(SIGKILL)
        #expect(await victim.exitStatus() == -SIGKILL)
        try await fleet.database.loseUnloggedTables()
        try await eventually("the coordinator has taken the run back") {
            try await RunStore(fleet.database).head(of: crashed.id)?.number == 0
        }
        #expect(try await EvaluationStore(fleet.database).metrics(of: crashed.id).isEmpty)
        #expect(try await EvaluationStore(fleet.database).counts(of: crashed.id) == [.planned: 6])
        let roles = [try fleet.start(["aggregator", "start", "--run", crashed.name]), worker]
        #expect(try await finish(crashed, fleet, roles) == expected)
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }
}
