import Postgres
import Stores
import TestSupport
import Testing

@Suite("The queue by hand", .temporaryDatabase(.migrated))
struct JobStoreOperatorTests {
    @Test("a dead job that is retried starts without charges, and its run goes on")
    func retry() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let dead = try await kill(session, in: ledger)
        #expect(try await ledger.jobs.retry(dead.token.job))
        #expect(try await ledger.jobs.retry(dead.token.job) == false)
        #expect(try await ledger.runs.head(of: ledger.run)?.state == .active)
        let again = try await ledger.claim(session)
        #expect(again.token.job == dead.token.job)
        #expect(again.token.attempt == 2)
        #expect(try await ledger.jobs.job(again.token.job)?.errors == 0)
    }

    @Test("a run stays blocked until its last dead job is dealt with")
    func stillBlocked() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.database.execute("UPDATE stillhouse.setting SET error_limit = 1")
        let claimed = try await ledger.jobs.claim(for: session, limit: 2)
        for job in claimed { _ = try await ledger.jobs.fail(job.token, error: "poison") }
        #expect(try await ledger.runs.resume(ledger.run) == false)
        try await ledger.jobs.retry(claimed[0].token.job)
        #expect(try await ledger.runs.head(of: ledger.run)?.state == .blocked)
        try await ledger.jobs.cancel(claimed[1].token.job, reason: "broken image")
        #expect(try await ledger.runs.head(of: ledger.run)?.state == .active)
    }

    @Test("a step closes without a cancelled job")
    func cancel() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let dead = try await kill(session, in: ledger)
        #expect(try await ledger.jobs.cancel(dead.token.job, reason: "broken image"))
        try await ledger.completeStep(session)
        #expect(try await ledger.steps.open(of: ledger.run)?.isComplete == true)
        #expect(try await ledger.publish())
        #expect(try await ledger.weights.head(of: ledger.run)?.update.samples == 4)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("cancelling a running job fences its worker; a submitted one is cancelled no more")
    func cancelRunning() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let (running, submitted) = (try await ledger.claim(session), try await ledger.claim(session))
        try await ledger.finish(submitted)
        #expect(try await ledger.jobs.cancel(running.token.job, reason: "a test"))
        #expect(try await ledger.finish(running) == .fenced)
        #expect(try await ledger.jobs.cancel(submitted.token.job, reason: "too late") == false)
    }

    @Test("jobs are listed by state with the worker that people know")
    func list() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let claimed = try await ledger.claim(session)
        let running = try await ledger.jobs.list(of: ledger.run, in: .running)
        #expect(running.map(\.id) == [claimed.token.job])
        #expect(running.first?.workerAlias == (try await ledger.workers.list().first?.alias))
        #expect(try await ledger.jobs.list(of: ledger.run).count == 8)
        #expect(try await ledger.jobs.list(of: ledger.run, limit: 3).count == 3)
    }

    private func kill(_ session: SessionID, in ledger: Ledger) async throws -> ClaimedJob {
        try await ledger.database.execute("UPDATE stillhouse.job SET errors = 2 WHERE step = 0 AND ordinal = 0")
        let job = try await ledger.claim(session)
        #expect(try await ledger.jobs.fail(job.token, error: "poison") == .dead)
        return job
    }
}
