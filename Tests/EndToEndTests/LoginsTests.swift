import Foundation
import Migrations
import Postgres
import Stores
import TestSupport
import Testing

@Suite("A fleet behind logins", .temporaryDatabase(.empty)) struct LoginsTests {
    /// Roles belong to the whole server, hence the database's name in theirs.
    private func login(_ role: LoginRole) async throws -> String {
        let temporary = try TemporaryDatabase.current
        let name = "fleet_\(role)_\(temporary.configuration.database)"
        try await LoginStore(temporary.database())
            .create(name, as: role, password: "a password of some length", connectionLimit: role.connectionLimit)
        return name
    }

    @Test("trains with no more than each role's rights, and a reader watches it and pulls the weights")
    func endToEnd() async throws {
        let temporary = try TemporaryDatabase.current
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(temporary.database())
        let (owner, worker, reader) = (try await login(.owner), try await login(.worker), try await login(.reader))
        let fleet = try await Fleet()
        let run = try await fleet.createRun("guarded", login: owner)
        let coordinator = try fleet.start(["coordinator", "start"], login: owner)
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name], login: owner)
        let start = ["worker", "start", "--run", run.name, "--threads", "1"]
        let workers = [try fleet.start(start, login: worker), try fleet.start(start, login: worker)]
        try await eventually("both workers have joined") {
            try await fleet.database.query(
                "SELECT FROM stillhouse.worker_session WHERE login = \(worker)"
            ).count == 2
        }
        // While it runs.
        for arguments in [
            ["status"], ["status", "--json"], ["run", "list"], ["run", "show", run.name], ["jobs", "list"],
            ["jobs", "list", "--state", "running"], ["jobs", "show", "1"], ["workers", "list"],
            ["weights", "list", run.name], ["migrate", "status"], ["migrate", "validate"],
            ["weights", "pull", run.name, "-o", fleet.file("pulled.safetensors")],
        ] {
            let look = try fleet.start(arguments, login: reader)
            #expect(await look.exitStatus() == 0, "\(arguments): \(look.text)")
        }
        #expect(FileManager.default.fileExists(atPath: fleet.file("pulled.safetensors")))
        // Steering is the owner's.
        for arguments in [
            ["run", "pause", run.name], ["run", "cancel", run.name], ["jobs", "retry", "1"],
            ["workers", "drain", "--all"], ["gc"], ["migrate", "down", "--to", "0", "--force"],
        ] {
            for login in [reader, worker] {
                let attempt = try fleet.start(arguments, login: login)
                let status = try #require(await attempt.exitStatus())
                #expect(status == 77, "\(arguments): \(status) \(attempt.text)")
            }
        }
        let last = try await fleet.lastVersion(of: run)
        #expect(last.number == run.totalSteps)
        let usurper = try fleet.start(["coordinator", "start"], login: worker)
        #expect(await usurper.exitStatus() == 77, "\(usurper.text)")
        for process in workers + [coordinator, aggregator] {
            await process.drain()
        }
        let down = try fleet.start(["verify"], login: owner)
        #expect(await down.exitStatus() == 0, "\(down.text)")
        try await fleet.expectHonoured()
        try fleet.remove()
    }

    @Test("a revoked login's worker is cut off, and its job goes to another")
    func revocation() async throws {
        let temporary = try TemporaryDatabase.current
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(temporary.database())
        let worker = try await login(.worker)
        let fleet = try await Fleet()
        let run = try await fleet.createRun("revoked")
        let coordinator = try fleet.start(["coordinator", "start"])
        let start = ["worker", "start", "--run", run.name, "--threads", "1"]
        let banned = try fleet.start(start, fault: "worker.claimed:1", login: worker)
        let jobs = JobStore(fleet.database)
        try await eventually("the worker is stopped with a job in hand") {
            let held = try await jobs.counts(of: run.id)[.running] ?? 0
            return banned.isStopped && held == 1
        }
        let revocation = try await LoginStore(fleet.database).revoke(worker)
        #expect(revocation.sessionCount == 1)
        #expect(revocation.jobCount == 1)
        #expect(revocation.connectionCount ?? 0 > 0)
        #expect(try await jobs.counts(of: run.id)[.running] == nil)
        banned.signal(SIGCONT)
        #expect(await banned.exitStatus() == 77, "\(banned.text)")
        #expect(try await fleet.attempts(of: run, ended: "submitted") == 0)
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }
}
