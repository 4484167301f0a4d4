import Foundation
import Postgres
import Stores
import TestSupport
import Testing

extension Fleet {
    /// A run with jobs to claim and no coordinator, so that nobody rescues what a stopped worker holds.
    func createPlannedRun(_ name: String, _ recipe: SmallRecipe = .twentySteps) async throws -> Run {
        let run = try await createRun(name, recipe)
        let coordinator = try start(["coordinator", "start"])
        try await eventually("the first steps are planned") {
            try await !JobStore(database).counts(of: run.id).isEmpty
        }
        await coordinator.drain()
        return run
    }

    /// A worker that the kernel has stopped at a named point, with a job in hand.
    func stoppedWorker(_ run: Run, at fault: String) async throws -> RoleUnderTest {
        let worker = try worker(run, fault: fault)
        try await eventually("the worker is stopped at \(fault)") {
            let held = try await JobStore(database).counts(of: run.id)[.running] ?? 0
            return worker.isStopped && held == 1
        }
        return worker
    }

    /// A worker that has computed a gradient and waits to store its parts, until the lock is released.
    func workerThatCannotUpload(_ run: Run, _ options: [String]) async throws -> (RoleUnderTest, TableLock) {
        let worker = try start(
            ["worker", "start", "--run", run.name, "--threads", "1"] + options,
            fault: "worker.computed:1"
        )
        try await eventually("the worker has computed a gradient") {
            _ = try await JobStore(database).counts(of: run.id)
            return worker.isStopped
        }
        let lock = try await TableLock(
            ["gradient_chunk", "gradient_chunk_unlogged"],
            mode: "SHARE",
            in: database.configuration
        )
        worker.signal(SIGCONT)
        return (worker, lock)
    }

    /// One gradient is on its way, or tries to be, and the next job is begun.
    func untilTwoAreHeld(in run: Run) async throws {
        try await eventually("two jobs are held") {
            try await JobStore(database).counts(of: run.id)[.running] == 2
        }
    }

    /// Waits until the run's one worker has said twice more that it lives: it has read an answer in between.
    func untilNextBeat(of run: Run) async throws {
        let workers = WorkerStore(database)
        for _ in 0..<2 {
            let last = try await workers.list(of: run.id).first?.lastSeen
            try await eventually("the worker beats") {
                let now = try await workers.list(of: run.id).first?.lastSeen
                return now != nil && now != last
            }
        }
    }

    func expectNobodyCharged(in run: Run) async throws {
        for job in try await JobStore(database).list(of: run.id, limit: 1000) {
            #expect(job.errors == 0 && job.rescues == 0)
        }
    }

    /// Exactly so many jobs were given back, and nobody holds any.
    func expectReleased(_ count: Int = 1, in run: Run) async throws {
        #expect(try await attempts(of: run, ended: "released") == count)
        #expect(try await JobStore(database).counts(of: run.id)[.running] ?? 0 == 0)
        try await expectNobodyCharged(in: run)
    }
}
