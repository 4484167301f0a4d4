import Postgres
import Stores
import TestSupport
import Testing

@Suite("Rescue", .temporaryDatabase(.migrated))
struct JobStoreRescueTests {
    @Test("a silent session loses its jobs, and its late submission is fenced")
    func silence() async throws {
        let ledger = try await Ledger()
        let (zombie, other) = (try await ledger.openSession(), try await ledger.openSession())
        let lost = try await ledger.claim(zombie)
        try await ledger.upload(lost)
        try await ledger.silence(zombie)
        #expect(try await ledger.jobs.rescue(under: ledger.coordinator) == JobStore.Rescue(count: 1))
        let taken = try await ledger.claim(other)
        #expect(taken.token.job == lost.token.job)

        // The zombie wakes up with its result; meanwhile the job is another's, whose parts are its own.
        #expect(try await ledger.gradients.submit(lost.token, ledger.submission(of: lost)) == .fenced)
        let reply = try #require(try await ledger.workers.beat(zombie, Beat(held: [lost.token])))
        #expect(reply.revoked == [lost.token])
        #expect(try await ledger.finish(taken) == .ok)
        #expect(try await ledger.gradients.submit(lost.token, ledger.submission(of: lost)) == .fenced)
        #expect(try await ledger.jobs.job(taken.token.job)?.rescues == 1)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("a job past its deadline is taken from a session that beats")
    func deadline() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        #expect(try await ledger.jobs.rescue(under: ledger.coordinator) == JobStore.Rescue(count: 0))
        try await ledger.database.execute("UPDATE stillhouse.job SET deadline_at = deadline_at - interval '1 day'")
        #expect(try await ledger.jobs.rescue(under: ledger.coordinator) == JobStore.Rescue(count: 1))
        #expect(try await ledger.jobs.job(job.token.job)?.lastError == "deadline passed")
        #expect(try await ledger.state(of: job) == .available)
    }

    @Test("jobs of closed and of unknown sessions are taken back")
    func closedAndUnknown() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        _ = try await ledger.jobs.claim(for: session, limit: 2)
        // As if a claim had slipped in beside the close, and as if the session's row were lost.
        try await ledger.database.execute(
            "UPDATE stillhouse.worker_session SET state = 'closed', ended_at = clock_timestamp()"
        )
        try await ledger.database.execute(
            "UPDATE stillhouse.job SET worker_session = gen_random_uuid() WHERE ordinal = 1 AND state = 'running'"
        )
        #expect(try await ledger.jobs.rescue(under: ledger.coordinator) == JobStore.Rescue(count: 2))
    }

    @Test("rescue takes pages, each in the order of the queue")
    func pages() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let claimed = try await ledger.jobs.claim(for: session, limit: 2)
        try await ledger.silence(session)
        #expect(try await ledger.jobs.rescue(limit: 1, under: ledger.coordinator) == JobStore.Rescue(count: 1))
        #expect(try await ledger.state(of: claimed[0]) == .available)
        #expect(try await ledger.state(of: claimed[1]) == .running)
        #expect(try await ledger.jobs.rescue(limit: 1, under: ledger.coordinator) == JobStore.Rescue(count: 1))
        #expect(try await ledger.jobs.rescue(limit: 1, under: ledger.coordinator) == JobStore.Rescue(count: 0))
    }

    @Test("nobody is judged while the server settles after its start")
    func settling() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        _ = try await ledger.claim(session)
        try await ledger.silence(session)
        try await ledger.database.execute("UPDATE stillhouse.setting SET settling_s = 1e9")
        let found = try await ledger.jobs.rescue(under: ledger.coordinator)
        #expect(found.isSettling)
        #expect(found.count == 0)
    }

    @Test("the tenth rescue kills the job and blocks its run")
    func rescueLimit() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        try await ledger.database.execute("UPDATE stillhouse.job SET rescues = 9 WHERE job_id = \(job.token.job)")
        try await ledger.silence(session)
        let found = try await ledger.jobs.rescue(under: ledger.coordinator)
        #expect(found.deadCount == 1)
        #expect(try await ledger.state(of: job) == .dead)
        let head = try #require(try await ledger.runs.head(of: ledger.run))
        #expect(head.state == .blocked)
        #expect(head.reason == "job \(job.token.job) is dead: worker lost")
    }

    @Test("the deadline is four times the 95th percentile of recent jobs, within its bounds")
    func tuneDeadline() async throws {
        let ledger = try await Ledger(plannedSteps: 0)
        let jobs = (0..<20).map { ($0 * 4)..<($0 * 4 + 4) }
        try await ledger.steps.plan(
            [StepPlan(step: 0, epoch: 0, jobs: jobs)],
            of: ledger.run,
            under: ledger.coordinator
        )
        let session = try await ledger.openSession()
        for _ in 0..<19 { try await ledger.finish(ledger.claim(session)) }
        try await ledger.jobs.tuneDeadline(of: ledger.run, under: ledger.coordinator)
        let last = try await ledger.claim(session)
        #expect(last.deadline == .seconds(600), "fewer than twenty say too little")
        try await ledger.finish(last)
        for (seconds, deadline) in [(1.0, 60.0), (100.0, 400.0), (1e5, 3600.0)] {
            try await ledger.database.execute(
                "UPDATE stillhouse.job SET claimed_at = finished_at - make_interval(secs => \(seconds))"
            )
            try await ledger.jobs.tuneDeadline(of: ledger.run, under: ledger.coordinator)
            let rows = try await ledger.database.query("SELECT job_deadline_s FROM stillhouse.run_head")
            #expect(try #require(rows.first).decode("job_deadline_s", as: Double.self) == deadline)
        }
    }
}
