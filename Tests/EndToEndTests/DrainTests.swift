import Foundation
import Stores
import TestSupport
import Testing

@Suite(.temporaryDatabase(.migrated)) struct DrainTests {
    @Test("SIGTERM lets a worker finish its job and leave; the job is submitted and nobody is charged")
    func drain() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let run = try await fleet.createRun("drained")
        let worker = try fleet.worker(run, fault: "worker.claimed:1")
        let jobs = JobStore(fleet.database)
        try await eventually("the worker is stopped with a job in hand") {
            let held = try await jobs.counts(of: run.id)[.running] ?? 0
            return worker.isStopped && held == 1
        }
        worker.signal(SIGTERM)
        worker.signal(SIGCONT)
        #expect(await worker.exitStatus() == 0, "\(worker.text)")
        #expect(try await jobs.counts(of: run.id)[.submitted] == 1)
        #expect(try await WorkerStore(fleet.database).list(of: run.id).isEmpty)
        for job in try await jobs.list(of: run.id, limit: 1000) {
            #expect(job.errors == 0 && job.rescues == 0)
        }
        try await fleet.expectHonoured()
        coordinator.signal(SIGTERM)
        #expect(await coordinator.exitStatus() == 0)
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
}
