import Postgres
import Stores
import TestSupport
import Testing

@Suite("Gradients offered together", .temporaryDatabase(.migrated))
struct GradientOfferTests {
    private func offer(_ ledger: Ledger, _ job: ClaimedJob, samples: Int? = nil) -> GradientOffer {
        let data = Ledger.payload(of: job)
        var submission = ledger.submission(of: job)
        if let samples { submission.samples = samples }
        return GradientOffer(
            token: job.token,
            part: GradientPart(index: 0, digest: Ledger.sha256(data), data: data),
            submission: submission
        )
    }

    @Test("several are stored and entered as if they had been put and submitted one by one")
    func entered() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        let answers = try await ledger.gradients.offer(jobs.map { offer(ledger, $0) }, for: session)
        #expect(answers == [.ok, .ok])
        let manifests = try await ledger.gradients.manifests(of: ledger.run, step: 0)
        #expect(manifests.map(\.job) == jobs.map(\.token.job))
        for (manifest, job) in zip(manifests, jobs) {
            let submission = ledger.submission(of: job)
            #expect(manifest.digest == submission.digest && manifest.terms == submission.terms)
            #expect(manifest.samples == submission.samples && manifest.units == submission.units)
            #expect(manifest.loss == submission.loss && manifest.norm == submission.norm)
            let part = try #require(try await ledger.gradients.part(0, of: manifest))
            #expect(part.data == Ledger.payload(of: job) && part.digest == Ledger.sha256(part.data))
        }
        #expect(try await ledger.brokenInvariants().isEmpty)
        #expect(try await ledger.publish())
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("offered again they count once, and each is answered for itself")
    func repeated() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        #expect(try await ledger.gradients.offer([offer(ledger, jobs[0])], for: session) == [.ok])
        #expect(try await ledger.jobs.release(jobs[1].token))
        let both = jobs.map { offer(ledger, $0) }
        #expect(try await ledger.gradients.offer(both, for: session) == [.already, .fenced])
        let again = try await ledger.claim(session)
        #expect(again.token.job == jobs[1].token.job && again.token.attempt == 2)
        let all = both + [offer(ledger, again)]
        #expect(try await ledger.gradients.offer(all, for: session) == [.already, .fenced, .ok])
        #expect(try await ledger.gradients.manifests(of: ledger.run, step: 0).count == 2)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("a repetition waits for the first call, whatever became of that", arguments: ["COMMIT", "ROLLBACK"])
    func lostReply(end: String) async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let offers = [offer(ledger, try await ledger.claim(session))]
        let server = try TemporaryDatabase.current
        let first = server.database()
        try await first.execute("BEGIN")
        #expect(try await GradientStore(first).offer(offers, for: session) == [.ok])
        async let second = GradientStore(server.database()).offer(offers, for: session)
        try await ledger.someoneWaits()
        try await first.execute(Query(unescaped: end))
        #expect(try await second == [end == "COMMIT" ? .already : .ok])
        #expect(try await ledger.gradients.manifests(of: ledger.run, step: 0).count == 1)
        await first.close()
    }

    @Test("one that claims more samples than its job has undoes the whole call")
    func refused() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        let offers = [offer(ledger, jobs[0]), offer(ledger, jobs[1], samples: 5)]
        let error = await #expect(throws: PostgresError.self) {
            try await ledger.gradients.offer(offers, for: session)
        }
        #expect(error?.sqlState == .checkViolation)
        #expect(try await ledger.gradients.manifests(of: ledger.run, step: 0).isEmpty)
        #expect(try await ledger.gradients.offer([offers[0]], for: session) == [.ok])
    }

    @Test("a run of several parts takes none, and a session that is nobody's is fenced")
    func mismatch() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        let stranger = SessionID()
        #expect(try await ledger.gradients.offer([offer(ledger, job)], for: stranger) == [.fenced])
        try await ledger.database.execute("UPDATE stillhouse.run SET parameter_count = 262145")
        #expect(try await ledger.gradients.offer([offer(ledger, job)], for: session) == [.mismatch])
        try await ledger.database.execute("UPDATE stillhouse.run SET parameter_count = 262144")
        #expect(try await ledger.gradients.offer([offer(ledger, job)], for: session) == [.ok])
    }

    @Test("with every payload logged they are found in the logged table")
    func logged() async throws {
        let database = try TemporaryDatabase.current.database()
        let ledger = try await Ledger(in: database, durability: .full)
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        #expect(try await ledger.gradients.offer([offer(ledger, job)], for: session) == [.ok])
        #expect(try await database.query("SELECT FROM stillhouse.gradient_chunk").count == 1)
        #expect(try await database.query("SELECT FROM stillhouse.gradient_chunk_unlogged").isEmpty)
    }

    @Test("sessions that claim and offer in batches side by side do every job exactly once")
    func exactlyOnce() async throws {
        let ledger = try await Ledger(plannedSteps: 0)
        let plan = StepPlan(step: 0, epoch: 0, jobs: (0..<200).map { $0..<$0 + 1 })
        try await ledger.steps.plan([plan], of: ledger.run, under: ledger.coordinator)
        let claimed = try await withThrowingTaskGroup(of: [FencingToken].self) { group in
            for limit in [1, 3, 7, 20] {
                let beside = try Ledger.beside(ledger)
                group.addTask {
                    let session = try await beside.openSession()
                    var done: [FencingToken] = []
                    while true {
                        let jobs = try await beside.jobs.claim(for: session, limit: limit)
                        if jobs.isEmpty { return done }
                        #expect(jobs.count <= limit)
                        let answers = try await beside.gradients.offer(jobs.map { offer(beside, $0) }, for: session)
                        #expect(answers.allSatisfy { $0 == .ok })
                        done += jobs.map(\.token)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 200 && Set(claimed.map(\.job)).count == 200)
        #expect(claimed.allSatisfy { $0.attempt == 1 })
        #expect(try await ledger.gradients.manifests(of: ledger.run, step: 0).count == 200)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("several jobs are released and failed without waiting for each other's replies")
    func batches() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        let stale = FencingToken(job: jobs[0].token.job, attempt: 7, session: session)
        let released = try await ledger.jobs.release([jobs[0].token, stale])
        #expect(released == [jobs[0].token])
        let answers = try await ledger.jobs.fail([
            (jobs[1].token, .error, "no picture"), (stale, .error, "no picture"),
        ])
        #expect(answers == [.retried, .fenced])
        #expect(try await ledger.claim(session).token.job == jobs[0].token.job)
    }

    @Test("worker calls are never compiled and keep to indexes, and the planner knows the tables of one row")
    func planning() async throws {
        let database = try TemporaryDatabase.current.database()
        let compiled = try await database.query(
            """
            SELECT proname FROM pg_proc WHERE pronamespace = 'stillhouse'::regnamespace
                AND 'p_session' = ANY (proargnames) 
                AND NOT coalesce(proconfig @> ARRAY['jit=off', 'enable_seqscan=off'], false)
            """
        )
        #expect(compiled.isEmpty)
        let rows = try await database.query(
            """
            SELECT reltuples::double precision AS n FROM pg_class
            WHERE relnamespace = 'stillhouse'::regnamespace AND relname IN ('setting', 'protocol', 'sentinel')
            """
        )
        #expect(try rows.map { try $0.decode("n", as: Double.self) } == [1, 1, 1])
    }
}
