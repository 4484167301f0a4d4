import Postgres
import Stores
import TestSupport
import Testing

@Suite("Refused gradients", .temporaryDatabase(.migrated))
struct GradientGateStoreTests {
    private let rejection = GradientRejection(.norm, "far too large")

    private func manifest(_ ledger: Ledger, of job: ClaimedJob) async throws -> GradientManifest {
        try #require(
            try await ledger.gradients.manifests(of: ledger.run, step: job.arguments.step)
                .first { $0.job == job.token.job }
        )
    }

    private func kinds(_ ledger: Ledger) async throws -> [String] {
        try await EventStore(ledger.database).list(of: ledger.run).map(\.kind)
    }

    @Test("a refused gradient stays in the ledger, its job is done again and applied")
    func again() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        try await ledger.finish(job)
        let refused = try await manifest(ledger, of: job)
        #expect(try await ledger.gradients.reject(refused, rejection, under: ledger.aggregator) == .retried)
        #expect(try await ledger.gradients.reject(refused, rejection, under: ledger.aggregator) == .gone)
        #expect(try await ledger.state(of: job) == .available)
        #expect(try await ledger.gradients.manifests(of: ledger.run, step: 0).isEmpty)
        #expect(try await ledger.gradients.outlyingDigests(of: job.token.job) == [refused.digest])
        let row = try #require(try await ledger.gradients.rejections(of: job.token.job).first)
        #expect(row.attempt == 1 && row.reason == "norm: far too large" && row.workerAlias != nil)
        #expect(try await ledger.jobs.job(job.token.job)?.rejections == 1)
        #expect(try await ledger.workers.list(of: ledger.run).map(\.rejectionCount) == [1])
        #expect(try await kinds(ledger).contains("gradient_rejected"))
        #expect(try await ledger.gradients.submit(job.token, ledger.submission(of: job)) == .already)

        try await ledger.completeStep(session)
        #expect(try await ledger.publish())
        #expect(try await ledger.jobs.job(job.token.job)?.attempt == 2)
        #expect(try await ledger.state(of: job) == .applied)
        #expect(try await ledger.brokenInvariants(deep: true).isEmpty)
    }

    @Test("an aggregator that was deposed refuses nothing")
    func deposed() async throws {
        let ledger = try await Ledger()
        let job = try await ledger.claim(ledger.openSession())
        try await ledger.finish(job)
        let refused = try await manifest(ledger, of: job)
        try await ledger.database.execute("UPDATE stillhouse.leader SET term = term + 1")
        let (term, run) = (ledger.aggregator, ledger.run)
        let lost = StoreError.leadershipLost(name: term.name)
        await #expect(throws: lost) { try await ledger.gradients.reject(refused, rejection, under: term) }
        await #expect(throws: lost) { try await ledger.gradients.recordClipping(of: refused, in: run, under: term) }
        await #expect(throws: lost) { try await ledger.runs.block(run, divergedAt: 1, reason: "", under: term) }
        #expect(try await ledger.state(of: job) == .submitted)
        #expect(try await ledger.runs.head(of: run)?.state == .active)
    }

    @Test("at the limit the job is dead and the run blocked, until an operator retries")
    func limit() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        var answers: [GradientStore.RejectionAnswer] = []
        var isolating: [Bool] = []
        for _ in 0..<3 {
            let job = try await ledger.claim(session)
            isolating.append(job.isIsolating)
            try await ledger.finish(job)
            let refused = try await manifest(ledger, of: job)
            answers.append(try await ledger.gradients.reject(refused, rejection, under: ledger.aggregator))
        }
        #expect(answers == [.retried, .retried, .dead])
        #expect(isolating == [false, false, true])
        let head = try #require(try await ledger.runs.head(of: ledger.run))
        #expect(head.state == .blocked)
        #expect(head.reason?.contains("is dead: rejected, norm: far too large") == true)
        let dead = try #require(try await ledger.jobs.list(of: ledger.run, in: .dead).first)
        #expect(try await ledger.jobs.claim(for: session).isEmpty)
        #expect(try await ledger.jobs.retry(dead.id))
        #expect(try await ledger.runs.head(of: ledger.run)?.state == .active)
        #expect(try await ledger.jobs.job(dead.id)?.rejections == 0)
        #expect(try await !ledger.claim(session).isIsolating)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("a member that was clipped is recorded with its scale")
    func scale() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        var draft = try await ledger.draft()
        draft.members[1].scale = 0.25
        try await ledger.gradients.recordClipping(of: draft.members[1], in: ledger.run, under: ledger.aggregator)
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator))
        let scales = try await ledger.database.query("SELECT scale FROM stillhouse.version_member ORDER BY ordinal")
            .map { try $0.decode("scale", as: Double.self) }
        #expect(scales == [1, 0.25])
        #expect(try await kinds(ledger).contains("gradient_clipped"))
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("the history is that of earlier versions, in order, whatever has arrived for the next")
    func history() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        #expect(try await ledger.gradients.appliedNorms(of: ledger.run).isEmpty)
        try await ledger.train(session, steps: 2)
        try await ledger.database.execute("UPDATE stillhouse.gradient SET norm = job_id")
        let before = try await ledger.gradients.appliedNorms(of: ledger.run)
        #expect(before == before.sorted() && before.count == 4)
        try await ledger.finish(ledger.claim(session))
        #expect(try await ledger.gradients.appliedNorms(of: ledger.run) == before)
        #expect(try await ledger.gradients.appliedNorms(of: ledger.run, limit: 3) == Array(before.suffix(3)))
    }

    @Test("what one worker failed or had refused is offered to another first, for as long as a job may take")
    func elsewhere() async throws {
        let ledger = try await Ledger()
        let (one, two) = (try await ledger.openSession(), try await ledger.openSession())
        let failed = try await ledger.claim(one)
        #expect(try await ledger.jobs.fail(failed.token, .nonfinite, error: "no number") == .retried)
        let refused = try await ledger.claim(one)
        try await ledger.finish(refused)
        let result = try await manifest(ledger, of: refused)
        #expect(try await ledger.gradients.reject(result, rejection, under: ledger.aggregator) == .retried)
        try await ledger.database.execute("UPDATE stillhouse.job SET available_at = clock_timestamp()")
        #expect(try await ledger.jobs.claim(for: one, limit: 4).isEmpty)
        let taken = try await ledger.jobs.claim(for: two, limit: 4)
        #expect(taken.map(\.token.job) == [failed.token.job, refused.token.job])
        for job in taken { #expect(try await ledger.jobs.release(job.token)) }

        // The other is busy with something for ever, or gone.
        try await ledger.database.execute(
            "UPDATE stillhouse.job SET available_at = available_at - interval '1 day' WHERE job_id = \(failed.token.job)"
        )
        #expect(try await ledger.jobs.claim(for: one, limit: 4).map(\.token.job) == [failed.token.job])
        try await ledger.silence(two)
        #expect(try await ledger.jobs.claim(for: one, limit: 4).map(\.token.job) == [refused.token.job])
    }

    @Test("the last try of a job is isolating, and so is the one after two reports of no number")
    func isolating() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        for kind in [JobStore.FailureKind.error, .nonfinite] {
            try await ledger.database.execute(
                """
                UPDATE stillhouse.setting SET error_limit = CASE WHEN \(kind.rawValue) = 'error' THEN 3 ELSE 10 END
                """
            )
            var seen: [Bool] = []
            for _ in 0..<3 {
                let job = try await ledger.claim(session)
                seen.append(job.isIsolating)
                #expect(job.isIsolating == (job.deadline > .seconds(1000)))
                if seen.count == 3 {
                    try await ledger.finish(job)
                } else {
                    #expect(try await ledger.jobs.fail(job.token, kind, error: "x") == .retried)
                    try await ledger.database.execute("UPDATE stillhouse.job SET available_at = clock_timestamp()")
                }
            }
            #expect(seen == [false, false, true])
        }
    }

    @Test("a quarantined sample is left out from its step on, in later epochs too, and named with its worker")
    func quarantine() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 1)
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        try await ledger.upload(jobs[0])
        var submission = ledger.submission(of: jobs[0])
        submission.samples = 2
        submission.badSamples = [
            BadSample(sampleID: 9, key: "9.jpg", reason: "no number", isQuarantined: true),
            BadSample(sampleID: 5, key: "5.jpg", reason: "ends early"),
        ]
        #expect(try await ledger.gradients.submit(jobs[0].token, submission) == .ok)
        #expect(try await ledger.gradients.submit(jobs[0].token, submission) == .already)
        let recorded = try await ledger.gradients.badSamples(of: ledger.run)
        #expect(recorded.map(\.fromStep) == [nil, 1])
        #expect(recorded.map(\.sample.isQuarantined) == [false, true])
        #expect(try await kinds(ledger).filter { $0 == "sample_quarantined" }.count == 1)

        // The same step, should it be computed again.
        #expect(try await ledger.jobs.release(jobs[1].token))
        let again = try await ledger.claim(session)
        #expect(again.token.job == jobs[1].token.job && again.excludedSamples == [9])
        try await ledger.finish(again)
        #expect(try await ledger.publish())
        // The next epoch.
        let later = try await ledger.claim(session)
        #expect(later.arguments.epoch == 1 && later.excludedSamples == [9])
        try await ledger.database.execute("UPDATE stillhouse.bad_sample SET from_step = 3 WHERE sample_id = 9")
        #expect(try await ledger.claim(session).excludedSamples.isEmpty, "step 2 lies before the quarantine")
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("a run that gives no number is blocked, and its last good version named; resuming it tries again")
    func diverged() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let job = try await ledger.claim(session)
        #expect(try await ledger.jobs.fail(job.token, .diverged, error: "all of them") == .diverged)
        #expect(try await ledger.jobs.fail(job.token, .diverged, error: "all of them") == .fenced)
        let head = try #require(try await ledger.runs.head(of: ledger.run))
        #expect(head.state == .blocked && head.reason?.contains("version 1 is the last good one") == true)
        let event = try #require(
            try await EventStore(ledger.database).list(of: ledger.run).first { $0.kind == "run_diverged" }
        )
        #expect(event.detail.contains(#""number": 2"#) && event.detail.contains(#""last_good": 1"#))
        #expect(try await ledger.jobs.claim(for: session).isEmpty)
        #expect(try await ledger.jobs.job(job.token.job)?.errors == 0)
        #expect(try await ledger.runs.resume(ledger.run))
        #expect(try await ledger.claim(session).token.job == job.token.job)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("an update that is no number blocks the run at its head only, with the last good version")
    func divergedUpdate() async throws {
        let ledger = try await Ledger()
        try await ledger.train(ledger.openSession(), steps: 1)
        let term = ledger.aggregator
        #expect(try await !ledger.runs.block(ledger.run, divergedAt: 1, reason: "late", under: term))
        #expect(try await ledger.runs.block(ledger.run, divergedAt: 2, reason: "step 1 is no number", under: term))
        #expect(try await ledger.runs.head(of: ledger.run)?.reason == "step 1 is no number")
        let event = try #require(try await EventStore(ledger.database).list(of: ledger.run).first)
        #expect(event.kind == "run_diverged" && event.detail.contains(#""last_good": 1"#))
    }

    @Test("workers of an older build go on with the first functions")
    func olderWorkers() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        func claim() async throws -> FencingToken {
            let row = try #require(
                try await ledger.database.query("SELECT * FROM stillhouse.job_claim_v1(\(session), 1)").first
            )
            return FencingToken(
                job: try row.decode("job_id"),
                attempt: try row.decode("attempt"),
                session: session
            )
        }
        let token = try await claim()
        let answer = try await ledger.database.query(
            "SELECT stillhouse.job_fail_v1(\(token.job), \(token.attempt)::integer, \(session), 'broken') AS answer"
        ).first?.decode("answer", as: String.self)
        #expect(answer == "retried")
        let next = try await claim()
        let bytes: [UInt8] = [1, 2, 3, 4]
        let digest = Ledger.sha256(bytes)
        #expect(try await ledger.gradients.put(next, part: 0, digest: digest, data: bytes))
        let submitted = try await ledger.database.query(
            """
            SELECT stillhouse.gradient_submit_v1(
                \(next.job), \(next.attempt)::integer, \(session), 1, \(Ledger.sha256(digest)), 3, 9, 0.5, '{}', 0.25,
                '[{"sample_id": 4, "key": "4.jpg", "reason": "ends early"}]'
            ) AS answer
            """
        ).first?.decode("answer", as: String.self)
        #expect(submitted == "ok")
        #expect(try await ledger.gradients.badSamples(of: ledger.run).map(\.fromStep) == [nil])
        #expect(try await ledger.brokenInvariants().isEmpty)
    }
}
