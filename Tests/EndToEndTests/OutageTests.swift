import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// The database goes away and comes back; nobody else has to do anything.
@Suite(.serialized) struct OutageTests {
    @Test("a gradient computed before an outage is handed in after it, and every role works on to the same result")
    func outage() async throws {
        let server = try await OwnServer()
        let fleet = try await Fleet(at: server.configuration)
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await fleet.createRun("calm")
        let calmRoles = [try fleet.worker(calm), try fleet.start(["aggregator", "start", "--run", calm.name])]
        let calmEnd = try await fleet.lastVersion(of: calm)
        for role in calmRoles { #expect(await role.exitStatus() == 0, "\(role.text)") }

        let run = try await fleet.createRun("interrupted")
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        let worker = try await fleet.stoppedWorker(run, at: "worker.claimed:6")
        try await server.stop()
        worker.signal(SIGCONT)
        try await eventually("the worker has a result that nobody takes") {
            worker.text.contains("database call will be repeated")
        }
        #expect(!worker.text.contains("job failed"), "\(worker.text)")
        try await server.start()
        let end = try await fleet.lastVersion(of: run)
        #expect(end.update.chainDigest == calmEnd.update.chainDigest)
        // No error was charged; a beat that came late may have cost a lease, which the fence allows for.
        for job in try await JobStore(fleet.database).list(of: run.id, limit: 1000) { #expect(job.errors == 0) }
        #expect(await worker.exitStatus() == 0, "\(worker.text)")
        #expect(await aggregator.exitStatus() == 0, "\(aggregator.text)")
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a database that stays away ends every role with status 69 after --give-up; a drain is sooner")
    func givingUp() async throws {
        let server = try await OwnServer()
        let fleet = try await Fleet(at: server.configuration)
        let run = try await fleet.createRun("orphaned")
        let patience = ["--give-up", "3"]
        let worker = try fleet.start(["worker", "start", "--run", run.name] + patience)
        let roles = [
            worker, try fleet.start(["coordinator", "start"] + patience),
            try fleet.start(["aggregator", "start", "--run", run.name] + patience),
        ]
        let drained = try fleet.start(["worker", "start", "--run", run.name, "--drain-timeout", "0.5"])
        try await eventually("both workers have joined") {
            try await WorkerStore(fleet.database).list(of: run.id).count == 2
        }
        try await eventually("the coordinator has planned") {
            try await JobStore(fleet.database).counts(of: run.id).count > 0
        }
        await fleet.database.close()
        try await server.stop()
        drained.signal(SIGTERM)
        // Whether it had a job in hand decides.
        #expect([0, 75].contains(await drained.exitStatus()), "\(drained.text)")
        for role in roles { #expect(await role.exitStatus() == 69, "\(role.text)") }
        try fleet.remove()
    }

    @Test("stopped half-way with its server, a run goes on with other workers and empty caches to the very same end")
    func resume() async throws {
        let server = try await OwnServer()
        let fleet = try await Fleet(at: server.configuration)
        let coordinator = try fleet.start(["coordinator", "start"])
        let whole = try await fleet.createRun("whole")
        let wholeRoles = [try fleet.worker(whole), try fleet.start(["aggregator", "start", "--run", whole.name])]
        let wholeEnd = try await fleet.lastVersion(of: whole)
        for role in wholeRoles { #expect(await role.exitStatus() == 0, "\(role.text)") }

        let run = try await fleet.createRun("halved")
        let first = [
            try fleet.worker(run), try fleet.start(["aggregator", "start", "--run", run.name]), coordinator,
        ]
        try await eventually("eight steps are applied") {
            try await RunStore(fleet.database).head(of: run.id)?.number ?? 0 >= 8
        }
        for role in first { role.signal(SIGTERM) }
        for role in first { #expect(await role.exitStatus() == 0, "\(role.text)") }
        let number = try #require(try await RunStore(fleet.database).head(of: run.id)).number
        #expect(number < 20)
        try await server.stop()

        try await server.start()
        var second = [
            try fleet.start(["coordinator", "start"]), try fleet.start(["aggregator", "start", "--run", run.name]),
        ]
        for index in 0..<3 {
            second.append(
                try fleet.start(
                    ["worker", "start", "--run", run.name, "--threads", "1"],
                    cache: "elsewhere-\(index)"
                )
            )
        }
        let end = try await fleet.lastVersion(of: run)
        #expect(end.number == 20)
        #expect(end.update.chainDigest == wholeEnd.update.chainDigest)
        #expect(try await LedgerVerifier(fleet.database).firstDifference(between: whole.id, and: run.id) == nil)
        try await fleet.expectHonoured()
        second[0].signal(SIGTERM)
        for role in second { #expect(await role.exitStatus() == 0, "\(role.text)") }
        try fleet.remove()
    }
}
