import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// A worker holds two jobs while it hands in the gradient of one and computes the other.
@Suite(.temporaryDatabase(.migrated)) struct TwoJobsTests {
    @Test("a worker with a gradient on its way and the next job begun gives both back when its drain takes too long")
    func outOfTimeWithTwoJobs() async throws {
        let fleet = try await Fleet()
        let run = try await fleet.createPlannedRun("slow", .severalParts)
        let (worker, lock) = try await fleet.workerThatCannotUpload(run, ["--drain-timeout", "0.3"])
        try await fleet.untilTwoAreHeld(in: run)
        worker.signal(SIGTERM)
        #expect(await worker.exitStatus() == 75, "\(worker.text)")
        try await fleet.expectReleased(2, in: run)
        await lock.release()
        try fleet.remove()
    }

    @Test("a worker whose upload does not end computes one more job and no third, and its beats name both")
    func bound() async throws {
        let fleet = try await Fleet()
        let run = try await fleet.createPlannedRun("bounded", .severalParts)
        let (worker, lock) = try await fleet.workerThatCannotUpload(run, [])
        try await fleet.untilTwoAreHeld(in: run)
        // Long enough for the second job's computation too.
        try await fleet.untilNextBeat(of: run)
        // For a while a job that a beat does not name is given back by it at once.
        let setting = "UPDATE stillhouse.setting SET reconcile_after_s ="
        try await fleet.database.execute("\(unescaped: setting) 0.01")
        try await fleet.untilNextBeat(of: run)
        try await fleet.database.execute("\(unescaped: setting) 20")
        #expect(try await JobStore(fleet.database).counts(of: run.id)[.running] == 2)
        await lock.release()
        try await eventually("all four gradients are submitted") {
            try await JobStore(fleet.database).counts(of: run.id)[.submitted] == 4
        }
        await worker.drain()
        #expect(try await fleet.attempts(of: run, ended: "released") == 0)
        try await fleet.expectNobodyCharged(in: run)
        try fleet.remove()
    }

    @Test("the second signal gives back both jobs of a worker that has two")
    func secondSignalWithTwoJobs() async throws {
        let fleet = try await Fleet()
        let run = try await fleet.createPlannedRun("hurried", .severalParts)
        let (worker, lock) = try await fleet.workerThatCannotUpload(run, [])
        try await fleet.untilTwoAreHeld(in: run)
        worker.signal(SIGTERM)
        try await eventually("the worker drains") {
            try await WorkerStore(fleet.database).list(of: run.id).contains { $0.state == .draining }
        }
        worker.signal(SIGTERM)
        #expect(await worker.exitStatus() == 75, "\(worker.text)")
        #expect(worker.text.contains("Stopped by a second signal"), "\(worker.text)")
        try await fleet.expectReleased(2, in: run)
        await lock.release()
        try fleet.remove()
    }

    @Test("the gradient on its way reaches the ledger although the job begun beside it is taken away")
    func revokedBesideAnUpload() async throws {
        let fleet = try await Fleet()
        let run = try await fleet.createPlannedRun("halved", .severalParts)
        let (worker, lock) = try await fleet.workerThatCannotUpload(run, [])
        try await fleet.untilTwoAreHeld(in: run)
        let jobs = JobStore(fleet.database)
        let second = try #require(try await jobs.list(of: run.id, in: .running, limit: 10).last)
        #expect(try await jobs.cancel(second.id, reason: "for the test"))
        // The beat's answer reaches the worker whether the job still computes or waits for its turn to be handed in.
        try await fleet.untilNextBeat(of: run)
        await lock.release()
        try await eventually("the worker has let go of the job") { worker.text.contains("no longer ours") }
        try await eventually("three gradients are submitted") {
            try await jobs.counts(of: run.id)[.submitted] == 3
        }
        #expect(try await jobs.counts(of: run.id)[.cancelled] == 1)
        await worker.drain()
        try await fleet.expectNobodyCharged(in: run)
        try await fleet.expectHonoured()
        try fleet.remove()
    }
}
