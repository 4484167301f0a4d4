import Foundation
import Postgres
import Stores
import TestSupport
import Testing

@Suite(.temporaryDatabase(.migrated)) struct DrainTests {
    @Test(
        "a signal lets a worker finish its job and leave; the job is submitted and nobody is charged",
        arguments: [SIGTERM, SIGINT, SIGHUP]
    )
    func drain(signal: Int32) async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let run = try await fleet.createRun("drained")
        let worker = try await fleet.stoppedWorker(run, at: "worker.claimed:1")
        worker.signal(signal)
        worker.signal(SIGCONT)
        #expect(await worker.exitStatus() == 0, "\(worker.text)")
        #expect(try await JobStore(fleet.database).counts(of: run.id)[.submitted] == 1)
        #expect(try await WorkerStore(fleet.database).list(of: run.id).isEmpty)
        try await fleet.expectNobodyCharged(in: run)
        try await fleet.expectHonoured()
        coordinator.signal(signal)
        #expect(await coordinator.exitStatus() == 0, "\(coordinator.text)")
        try fleet.remove()
    }

    @Test("a drain that outlasts its limit gives the job back without charge, and ends with status 75")
    func outOfTime() async throws {
        let fleet = try await Fleet()
        let run = try await fleet.createPlannedRun("slow")
        let (worker, lock) = try await fleet.workerThatCannotUpload(run, ["--drain-timeout", "0.3"])
        worker.signal(SIGTERM)
        #expect(await worker.exitStatus() == 75, "\(worker.text)")
        #expect(worker.text.contains("not finished within the drain's time limit"), "\(worker.text)")
        try await fleet.expectReleased(in: run)
        await lock.release()
        try fleet.remove()
    }

    @Test("an operator's drain has the same limit as a signal's")
    func operatorDrainOutOfTime() async throws {
        let fleet = try await Fleet()
        let run = try await fleet.createPlannedRun("slow")
        let (worker, lock) = try await fleet.workerThatCannotUpload(run, ["--drain-timeout", "0.3"])
        #expect(try await WorkerStore(fleet.database).drain(of: run.id) == 1)
        #expect(await worker.exitStatus() == 75, "\(worker.text)")
        try await fleet.expectReleased(in: run)
        await lock.release()
        try fleet.remove()
    }

    @Test("the second signal gives the job back and ends a worker at once, whatever it is doing")
    func secondSignal() async throws {
        let fleet = try await Fleet()
        let run = try await fleet.createPlannedRun("hurried")
        let (worker, lock) = try await fleet.workerThatCannotUpload(run, [])
        worker.signal(SIGTERM)
        try await eventually("the worker drains") {
            try await WorkerStore(fleet.database).list(of: run.id).contains { $0.state == .draining }
        }
        let clock = ContinuousClock()
        let patience = await clock.measure {
            worker.signal(SIGTERM)
            #expect(await worker.exitStatus() == 75, "\(worker.text)")
        }
        // Its drain alone would take a minute.
        #expect(patience < .seconds(20))
        #expect(worker.text.contains("Stopped by a second signal"), "\(worker.text)")
        try await fleet.expectReleased(in: run)
        #expect(try await WorkerStore(fleet.database).list(of: run.id).isEmpty)
        await lock.release()
        try fleet.remove()
    }

    @Test(
        "a job that was taken away is abandoned while it is computed, and the worker goes on",
        arguments: ["job cancelled", "session ended"]
    )
    func revoked(cause: String) async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let run = try await fleet.createRun("revoked")
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        // The fifth job is the first of step 1, whose weights the worker has not read yet.
        let worker = try await fleet.stoppedWorker(run, at: "worker.claimed:5")
        aggregator.signal(SIGKILL)
        let lock = try await TableLock(["version_chunk"], mode: "ACCESS EXCLUSIVE", in: fleet.database.configuration)
        if cause == "session ended" {
            // As if the worker had been stopped for longer than a session lives.
            let sessions = try await fleet.database.query(
                "SELECT session FROM stillhouse.worker_session WHERE run_id = \(run.id)"
            )
            let session = try #require(try sessions.first?.decode("session", as: SessionID.self))
            try await WorkerStore(fleet.database).close(session, exitCode: 1)
            worker.signal(SIGCONT)
        } else {
            worker.signal(SIGCONT)
            let jobs = JobStore(fleet.database)
            // Already given back where the worker was stopped for so long on a busy machine.
            for held in try await jobs.list(of: run.id, in: .running, limit: 10) {
                #expect(try await jobs.cancel(held.id, reason: "for the test"))
            }
        }
        try await eventually("the worker has let go of the job") {
            worker.text.contains("job abandoned: it is no longer ours")
        }
        await lock.release()
        await worker.drain()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a worker that an operator drains leaves, and does not join again")
    func operatorDrain() async throws {
        let fleet = try await Fleet()
        let run = try await fleet.createRun("asked")
        let worker = try fleet.worker(run)
        let workers = WorkerStore(fleet.database)
        try await eventually("the worker has joined") { try await !workers.list(of: run.id).isEmpty }
        let drain = try fleet.start(["workers", "drain", "--all"])
        #expect(await drain.exitStatus() == 0, "\(drain.text)")
        #expect(await worker.exitStatus() == 0, "\(worker.text)")
        #expect(worker.text.components(separatedBy: "session opened").count == 2, "\(worker.text)")
        #expect(try await workers.list(of: run.id).isEmpty)
        try fleet.remove()
    }

    @Test("a worker whose pictures are not those of the run refuses with status 76")
    func otherPictures() async throws {
        let fleet = try await Fleet()
        let run = try await fleet.createRun("strict")
        let heldOut = fleet.samples + "/held-out"
        let worker = try fleet.start([
            "worker", "start", "--run", run.name, "--images", heldOut, "--annotations", heldOut + ".json",
        ])
        #expect(await worker.exitStatus() == 76, "\(worker.text)")
        #expect(worker.text.contains("index digests differ"), "\(worker.text)")
        try fleet.remove()
    }

    @Test(
        "every role ends with the documented status: no such role 77, no such database 64, nobody there 69",
        arguments: ["coordinator", "aggregator", "worker"]
    )
    func refusals(role: String) async throws {
        let fleet = try await Fleet()
        let host = try #require(fleet.database.configuration[option: "host"])
        let port = try #require(fleet.database.configuration[option: "port"])
        for (url, status) in [
            ("host=\(host) port=\(port) user=nobody_we_know dbname=postgres", Int32(77)),
            ("host=\(host) port=\(port) user=\(fleet.database.configuration.user) dbname=atlantis", 64),
            ("host=127.0.0.1 port=1 user=ann dbname=ledger", 69),
        ] {
            let process = try fleet.start(
                [role, "start", "--give-up", "0.2"],
                environment: ["STILLHOUSE_DATABASE_URL": url]
            )
            #expect(await process.exitStatus() == status, "\(process.text)")
        }
        let usage = try fleet.start([role, "start", "--give-up", "-1"])
        #expect(await usage.exitStatus() == 64)
        try fleet.remove()
    }
}
