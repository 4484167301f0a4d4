import Foundation
import Postgres
import Stores
import TestSupport
import Testing

@Suite(.temporaryDatabase(.migrated)) struct ForkTests {
    @Test("a fork trains from a kept version, with nothing copied and the teacher of the run at its root")
    func fork() async throws {
        let fleet = try await Fleet()
        // Chunks are counted: none of the root's may be cleaned away meanwhile.
        try await fleet.database.execute("UPDATE stillhouse.setting SET chunk_grace_s = 3600")
        let coordinator = try fleet.start(["coordinator", "start"])
        let root = try await fleet.createRun("root")
        let rootRoles = [try fleet.worker(root), try fleet.start(["aggregator", "start", "--run", root.name])]
        let rootEnd = try await fleet.lastVersion(of: root)
        for role in rootRoles { #expect(await role.exitStatus() == 0, "\(role.text)") }

        let chunks = try await fleet.count("weights")
        let child = try await fleet.fork("child", from: "root@20", ["schedule.updates=3"])
        let weights = WeightStore(fleet.database)
        let start = try #require(try await weights.version(number: 0, of: child.id))
        let rootStart = try #require(try await weights.version(number: 0, of: root.id))
        let end = try #require(try await weights.version(rootEnd.id))
        #expect(try await fleet.count("weights") == chunks)
        #expect(try await fleet.digests(.student, of: start) == fleet.digests(.student, of: end))
        #expect(try await fleet.digests(.frozen, of: start) == fleet.digests(.frozen, of: rootStart))
        #expect(try await fleet.digests(.teacher, of: start) == fleet.digests(.student, of: rootStart))
        #expect(try await weights.chunks(of: start.id, roles: [.moment1, .moment2]).isEmpty)
        #expect(child.totalSteps == 3)

        let roles = [try fleet.worker(child), try fleet.start(["aggregator", "start", "--run", child.name])]
        let childEnd = try await fleet.lastVersion(of: child)
        for role in roles { #expect(await role.exitStatus() == 0, "\(role.text)") }
        #expect(childEnd.number == 3)

        // A fork of the fork still learns from the root's start, so it starts where an equal run with that teacher would.
        let grandchild = try await fleet.fork("grandchild", from: "child", ["schedule.updates=1"])
        let last = try #require(try await weights.version(number: 0, of: grandchild.id))
        #expect(try await fleet.digests(.teacher, of: last) == fleet.digests(.student, of: rootStart))

        let shown = try fleet.start(["run", "show", "child"])
        #expect(await shown.exitStatus() == 0)
        #expect(shown.text.contains("forked    from root@20, content "), "\(shown.text)")
        let pull = try fleet.start(["weights", "pull", "child", "--mix", "0.5", "--output", fleet.file("child.st")])
        #expect(await pull.exitStatus() == 0, "\(pull.text)")
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("the loss of a fork is the distance from the root's teacher: without that, it would be another")
    func sameTeacher() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let root = try await fleet.createRun("root")
        let rootRoles = [try fleet.worker(root), try fleet.start(["aggregator", "start", "--run", root.name])]
        _ = try await fleet.lastVersion(of: root)
        for role in rootRoles { #expect(await role.exitStatus() == 0, "\(role.text)") }
        let kept = try await fleet.fork("kept", from: "root@18", ["schedule.updates=1"])
        let afresh = try await fleet.fork("afresh", from: "root@18", ["schedule.updates=1"])
        // The same student against itself: what a fork without the root's teacher would train on.
        try await fleet.database.execute(
            """
            DELETE FROM stillhouse.version_chunk c USING stillhouse.version v
            WHERE c.version_id = v.version_id AND v.run_id = \(afresh.id) AND c.role = 5
            """
        )
        var losses: [Double] = []
        for run in [kept, afresh] {
            let roles = [try fleet.worker(run), try fleet.start(["aggregator", "start", "--run", run.name])]
            _ = try await fleet.lastVersion(of: run)
            for role in roles { #expect(await role.exitStatus() == 0, "\(role.text)") }
            losses.append(try await fleet.loss(of: run))
        }
        #expect(losses[0] != losses[1])
        await coordinator.drain()
        try fleet.remove()
    }

    @Test(
        "what a fork cannot start from is refused with the reason",
        arguments: [
            (["--from", "root@99"], "has no version 99"), (["--from", "nobody"], "no run named nobody"),
            (["--from", "root@1x"], "--from"), (["--from", "root", "--set", "model=ViT-B-16"], "keeps the model"),
            (["--from", "root", "--set", "start.initialize=9"], "not from start.*"),
            (["--from", "root", "--set", "objective.unlocked_groups=1"], "other parameters would train"),
        ]
    )
    func refusals(arguments: [String], reason: String) async throws {
        let fleet = try await Fleet()
        _ = try await fleet.createRun("root")
        let fork = try fleet.start(["run", "fork", "child"] + arguments)
        #expect(await fork.exitStatus() == 64, "\(fork.text)")
        #expect(fork.text.contains(reason), "\(fork.text)")
        #expect(try await RunStore(fleet.database).list().count == 1)
        try fleet.remove()
    }

    @Test("a retired version is listed as gone, and is no start for a fork")
    func retired() async throws {
        let fleet = try await Fleet()
        let root = try await fleet.createRun("root")
        try await fleet.database.execute(
            """
            INSERT INTO stillhouse.version (
                run_id, number, parent_id, step, state, published_at, samples, units, learning_rate,
                members_digest, content_digest, chain_digest
            )
            SELECT run_id, 1, version_id, 0, 'retired', clock_timestamp(), 1, 1, 0,
                members_digest, content_digest, chain_digest
            FROM stillhouse.version WHERE run_id = \(root.id)
            """
        )
        let list = try fleet.start(["weights", "list", "root"])
        #expect(await list.exitStatus() == 0)
        #expect(list.text.contains("yes") && list.text.contains("no"), "\(list.text)")
        let fork = try fleet.start(["run", "fork", "child", "--from", "root@1"])
        #expect(await fork.exitStatus() == 64)
        #expect(fork.text.contains("Version 1 of run root is no longer kept"), "\(fork.text)")
        try fleet.remove()
    }
}
