import Postgres
import Stores
import TestSupport
import Testing

@Suite("The queue", .temporaryDatabase(.migrated))
struct JobStoreTests {
    @Test("a claim takes the oldest jobs of the open step, with all that their computation needs")
    func claim() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let claimed = try await ledger.jobs.claim(for: session, limit: 5)
        #expect(claimed.map(\.arguments.step) == [0, 0])
        #expect(claimed.map(\.arguments.positions) == [0..<4, 4..<8])
        #expect(claimed.map(\.token.attempt) == [1, 1])
        #expect(claimed.allSatisfy { $0.baseNumber == 0 && $0.deadline == .seconds(600) })
        #expect(try await ledger.jobs.claim(for: session).isEmpty)
        #expect(try await ledger.jobs.counts(of: ledger.run) == [.running: 2, .planned: 6])
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("many claimers at once share every job out and never share one")
    func claimersNeverShare() async throws {
        let ledger = try await Ledger(plannedSteps: 0)
        let jobs = (0..<120).map { ($0 * 2)..<($0 * 2 + 2) }
        try await ledger.steps.plan(
            [StepPlan(step: 0, epoch: 0, jobs: jobs)],
            of: ledger.run,
            under: ledger.coordinator
        )
        let server = try TemporaryDatabase.current
        let claimed = try await withThrowingTaskGroup(of: [JobID].self) { group in
            for _ in 0..<6 {
                let session = try await ledger.openSession()
                group.addTask {
                    let store = JobStore(server.database())
                    var own: [JobID] = []
                    while let job = try await store.claim(for: session).first { own.append(job.token.job) }
                    return own
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 120)
        #expect(Set(claimed).count == 120)
    }

    @Test(
        "nothing is handed out while the run is paused, blocked or cancelled",
        arguments: ["pause", "block", "cancel"]
    )
    func claimWaits(command: String) async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        switch command {
        case "pause": try await ledger.runs.pause(ledger.run)
        case "block": try await ledger.runs.block(ledger.run, reason: "a test", under: ledger.aggregator)
        default: try await ledger.runs.cancel(ledger.run, reason: "a test")
        }
        #expect(try await ledger.jobs.claim(for: session).isEmpty)
    }

    @Test("a draining, closed or unknown session gets nothing")
    func claimNeedsActiveSession() async throws {
        let ledger = try await Ledger()
        let (draining, closed) = (try await ledger.openSession(), try await ledger.openSession())
        _ = try await ledger.workers.beat(draining, Beat(isDraining: true))
        try await ledger.workers.close(closed, exitCode: 0)
        for session in [draining, closed, SessionID()] {
            #expect(try await ledger.jobs.claim(for: session).isEmpty)
        }
    }

    @Test("a released job is available at once, without charge, and its token is worth nothing")
    func release() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let first = try await ledger.claim(session)
        #expect(try await ledger.jobs.release(first.token))
        #expect(try await ledger.jobs.release(first.token) == false)
        let second = try await ledger.claim(session)
        #expect(second.token.job == first.token.job)
        #expect(second.token.attempt == 2)
        let job = try #require(try await ledger.jobs.job(second.token.job))
        #expect(job.errors == 0 && job.rescues == 0)
        #expect(try await ledger.upload(first) == false)
        #expect(try await ledger.jobs.fail(first.token, error: "late") == .fenced)
    }

    @Test("errors back off for 2 s times 2^n, varied by half, until the limit")
    func backOff() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        for (errors, bounds) in [(0, 1.0...3.0), (1, 2.0...6.0)] {
            let claimed = try await ledger.claim(session)
            #expect(claimed.arguments.ordinal == 0)
            #expect(try await ledger.jobs.fail(claimed.token, error: "no such image") == .retried)
            let pause = try await pause(of: claimed.token.job, in: ledger)
            #expect(bounds.contains(pause), "after \(errors) errors")
            // Not yet due, so the other job is next.
            #expect(try await ledger.claim(session).arguments.ordinal == 1)
            try await ledger.database.execute(
                """
                UPDATE stillhouse.job SET state = 'available', available_at = clock_timestamp(), worker_session = NULL
                WHERE step = 0
                """
            )
        }
    }

    @Test("the pause after an error never exceeds its maximum by more than half")
    func backOffIsBounded() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.database.execute("UPDATE stillhouse.setting SET error_limit = 1000")
        try await ledger.database.execute("UPDATE stillhouse.job SET errors = 900")
        let claimed = try await ledger.claim(session)
        #expect(try await ledger.jobs.fail(claimed.token, error: "again") == .retried)
        #expect((30.0...90.0).contains(try await pause(of: claimed.token.job, in: ledger)))
    }

    @Test("the third error kills the job, blocks the run and leaves an event")
    func deadJobBlocksRun() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.database.execute("UPDATE stillhouse.job SET errors = 2 WHERE ordinal = 0")
        let claimed = try await ledger.claim(session)
        #expect(try await ledger.jobs.fail(claimed.token, error: "poison") == .dead)
        let head = try #require(try await ledger.runs.head(of: ledger.run))
        #expect(head.state == .blocked)
        #expect(head.reason == "job \(claimed.token.job) is dead: poison")
        #expect(try await ledger.jobs.claim(for: session).isEmpty)
        let event = try #require(try await EventStore(ledger.database).list(of: ledger.run).first)
        #expect(event.kind == "job_dead")
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("a claim among twenty thousand jobs reads its partial index and never the table")
    func claimUsesItsIndex() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.database.execute(
            """
            INSERT INTO stillhouse.job (run_id, step, ordinal, epoch, first_index, n_samples, state)
            SELECT \(ledger.run), 1000 + n / 100, n % 100, 50, n, 1,
                (ARRAY['applied', 'planned', 'cancelled']::stillhouse.job_state[])[1 + n % 3]
            FROM generate_series(0, 19999) n
            """
        )
        try await ledger.database.execute("ANALYZE stillhouse.job")
        let scans = try await ledger.database.transaction { transaction in
            _ = try transaction.query("SELECT * FROM stillhouse.job_claim_v1(\(session), 1)")
            let rows = try transaction.query(
                """
                SELECT pg_stat_get_xact_numscans('stillhouse.job_claim'::regclass) AS index_scans,
                    pg_stat_get_xact_numscans('stillhouse.job'::regclass) AS table_scans
                """
            )
            return [try rows[0].decode("index_scans", as: Int.self), try rows[0].decode("table_scans", as: Int.self)]
        }
        #expect(scans == [1, 0])
    }

    /// Seconds from now until the job may be claimed again, rounded up by what the test took.
    private func pause(of job: JobID, in ledger: Ledger) async throws -> Double {
        let rows = try await ledger.database.query(
            """
            SELECT extract(epoch FROM j.available_at - a.ended_at)::double precision AS pause
            FROM stillhouse.job j JOIN stillhouse.job_attempt a USING (job_id, attempt) WHERE j.job_id = \(job)
            """
        )
        return try #require(rows.first).decode("pause")
    }
}
