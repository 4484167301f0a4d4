import Postgres
import Stores
import TestSupport
import Testing

@Suite("Evaluations", .temporaryDatabase(.migrated))
struct EvaluationStoreTests {
    @Test("each is planned once, and available from the publication of its version on")
    func planned() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        #expect(try await ledger.counts(.evaluate) == [.planned: 4])
        try await ledger.train(session, steps: 1)
        #expect(try await ledger.jobs.claim(for: session, kinds: [.evaluate]).isEmpty)
        try await ledger.train(session, steps: 1)
        #expect(try await ledger.counts(.evaluate) == [.available: 2, .planned: 2])
        let job = try await ledger.claimEvaluation(session)
        #expect(job.kind == .evaluate && job.baseNumber == 2)
        #expect(job.arguments.step == 2 && job.arguments.ordinal == 0)
        #expect(try await ledger.steps.plan(Ledger.plan(0..<4), of: ledger.run, under: ledger.coordinator) == 0)
        #expect(try await ledger.jobs.list(of: ledger.run, .evaluate).count == 4)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("what one finds becomes metrics of its version, exactly once")
    func submitted() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let (first, second) = (try await ledger.claimEvaluation(session), try await ledger.claimEvaluation(session))
        #expect(try await ledger.evaluations.submit(second.token, ["r1": 0.25]) == .ok)
        #expect(try await ledger.evaluations.submit(first.token, ["top1": 1.0 / 3, "teacher.top5": 1]) == .ok)
        #expect(try await ledger.evaluations.submit(first.token, ["top1": 0.9]) == .already)
        let metrics = try await ledger.evaluations.metrics(of: ledger.run)
        #expect(metrics.allSatisfy { $0.number == 2 })
        let values = Dictionary(uniqueKeysWithValues: metrics.map { ($0.name, $0.value) })
        #expect(
            values == [
                "evaluation.pairs.r1": 0.25, "evaluation.scenes.top1": 1.0 / 3, "evaluation.scenes.teacher.top5": 1,
            ]
        )
        #expect(try await ledger.evaluations.counts(of: ledger.run) == [.applied: 2, .planned: 2])
        #expect(try await ledger.event("version_evaluated")?.contains(#""name": "scenes""#) == true)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("training comes first, and an evaluation is handed out alone", arguments: [false, true])
    func order(hasEmbedPhase: Bool) async throws {
        let ledger = try await Ledger.evaluated(hasEmbedPhase: hasEmbedPhase)
        let session = try await ledger.openSession()
        try await hasEmbedPhase ? ledger.trainTwoPhased(session, steps: 2) : ledger.train(session, steps: 2)
        let training = try await ledger.jobs.claim(for: session, kinds: Ledger.allKinds, limit: 9)
        #expect(training.map(\.kind) == (hasEmbedPhase ? [.embed, .embed] : [.gradient, .gradient]))
        #expect(training.allSatisfy { $0.arguments.step == 2 })
        let evaluations = try await ledger.jobs.claim(for: session, kinds: Ledger.allKinds, limit: 9)
        #expect(evaluations.map(\.kind) == [.evaluate], "one, although two wait")
        // The open step does not notice.
        let open = try #require(try await ledger.steps.open(of: ledger.run))
        #expect(open.jobCount == 2 && open.deadCount == 0)
    }

    @Test("workers of earlier releases are given none, whatever they call")
    func earlierWorkers() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        try await ledger.completeStep(session)
        for function in ["job_claim_v1", "job_claim_v2"] {
            let rows = try await ledger.database.query(
                "SELECT * FROM stillhouse.\(unescaped: function)(\(session), 9)"
            )
            #expect(rows.isEmpty)
        }
        // What the last release asks for.
        #expect(try await ledger.jobs.claim(for: session, limit: 9).isEmpty)
        try await ledger.database.execute("UPDATE stillhouse.protocol SET current = 2, minimum = 2")
        #expect(try await ledger.jobs.claim(for: session, kinds: [.evaluate]).isEmpty)
    }

    @Test("a version is kept until its evaluations have ended, and no longer")
    func pinned() async throws {
        let ledger = try await Ledger.evaluated()
        try await ledger.database.execute("UPDATE stillhouse.setting SET versions_kept = 1")
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 3)
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 1)
        #expect(
            try await ledger.versionStates() == ["0 published durable", "1 retired", "2 published", "3 published"]
        )
        let job = try await ledger.claimEvaluation(session)
        #expect(try await ledger.evaluations.submit(job.token, ["top1": 1]) == .ok)
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 0, "one of two is running")
        let other = try await ledger.claimEvaluation(session)
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 0)
        #expect(try await ledger.evaluations.submit(other.token, ["top1": 1]) == .ok)
        #expect(try await ledger.retention.closeVersions(under: ledger.coordinator) == 1)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("the last version's publication finishes the run once its evaluations have ended")
    func finishing() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 4)
        #expect(try await ledger.head().state == .active)
        #expect(try await ledger.keepUp().finishedRuns == [])
        try await ledger.evaluateAll(session)
        let upkeep = try await ledger.keepUp()
        #expect(upkeep.lostCount == 0 && upkeep.finishedRuns == [ledger.run])
        #expect(try await ledger.head().state == .finished)
        #expect(try await ledger.keepUp().finishedRuns == [])
        let without = try await Ledger(in: ledger.database, named: "without")
        try await without.train(without.openSession(), steps: 4)
        #expect(try await without.head().state == .finished, "at once")
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("where they are all done before, the last publication finishes the run itself")
    func doneBefore() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        for job in try await ledger.jobs.list(of: ledger.run, .evaluate, in: .planned) where job.arguments.step == 4 {
            #expect(try await ledger.jobs.cancel(job.id, reason: "a test"))
        }
        try await ledger.train(session, steps: 3)
        try await ledger.evaluateAll(session)
        try await ledger.train(session, steps: 1)
        #expect(try await ledger.head().state == .finished)
    }

    @Test("one that fails is tried again, and dead it is reported and blocks nothing", arguments: [false, true])
    func dead(isDiverged: Bool) async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let kind = isDiverged ? JobStore.FailureKind.diverged : .error
        var job = try await ledger.claimEvaluation(session)
        for attempt in 1...3 {
            #expect(job.token.attempt == attempt)
            let answer = try await ledger.jobs.fail(job.token, kind, error: "no such folder")
            #expect(answer == (attempt == 3 ? .dead : .retried))
            #expect(try await ledger.jobs.fail(job.token, kind, error: "again") == .fenced)
            try await ledger.database.execute("UPDATE stillhouse.job SET available_at = clock_timestamp()")
            if attempt < 3 { job = try await ledger.claimEvaluation(session) }
        }
        #expect(try await ledger.head().state == .active)
        #expect(try await ledger.event("evaluation_dead")?.contains("no such folder") == true)
        #expect(try await ledger.steps.open(of: ledger.run)?.deadCount == 0)
        // Training goes to its end, and the run too.
        try await ledger.train(session, steps: 2)
        try await ledger.evaluateAll(session)
        #expect(try await ledger.keepUp().finishedRuns == [ledger.run])
        #expect(try await ledger.evaluations.counts(of: ledger.run) == [.applied: 3, .dead: 1])
        #expect(try await ledger.brokenInvariants(deep: true) == [])

        // Mended, it is done in the finished run.
        #expect(try await ledger.jobs.retry(job.token.job))
        #expect(try await ledger.head().state == .active)
        try await ledger.evaluateAll(ledger.openSession())
        #expect(try await ledger.keepUp().finishedRuns == [ledger.run])
        #expect(try await ledger.evaluations.counts(of: ledger.run) == [.applied: 4])
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("one that is dead and whose version is gone cannot be tried again, but cancelled")
    func deadAndGone() async throws {
        let ledger = try await Ledger.evaluated()
        try await ledger.database.execute("UPDATE stillhouse.setting SET versions_kept = 1, error_limit = 1")
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let dead = try await ledger.claimEvaluation(session)
        #expect(try await ledger.jobs.fail(dead.token, error: "a test") == .dead)
        try await ledger.evaluateAll(session)
        try await ledger.train(session, steps: 1)
        try await ledger.retention.closeVersions(under: ledger.coordinator)
        #expect(try await !ledger.jobs.retry(dead.token.job))
        #expect(try await ledger.jobs.cancel(dead.token.job, reason: "a test"))
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("a dead one neither keeps a blocked run from going on nor is counted among what blocks it")
    func resumedBeside() async throws {
        let ledger = try await Ledger.evaluated()
        try await ledger.database.execute("UPDATE stillhouse.setting SET error_limit = 1")
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let evaluation = try await ledger.claimEvaluation(session)
        #expect(try await ledger.jobs.fail(evaluation.token, error: "a test") == .dead)
        let gradient = try await ledger.claim(session)
        #expect(try await ledger.jobs.fail(gradient.token, error: "a test") == .dead)
        #expect(try await ledger.head().state == .blocked)
        #expect(try await ledger.jobs.retry(gradient.token.job))
        #expect(try await ledger.head().state == .active)
        try await ledger.runs.block(ledger.run, reason: "a test", under: ledger.aggregator)
        #expect(try await ledger.runs.resume(ledger.run))
        #expect(try await ledger.head().state == .active)
    }

    @Test("a silent worker's is rescued, and dead after too many rescues it blocks nothing")
    func rescued() async throws {
        let ledger = try await Ledger.evaluated()
        try await ledger.database.execute("UPDATE stillhouse.setting SET rescue_limit = 2")
        try await ledger.train(ledger.openSession(), steps: 2)
        for round in 1...2 {
            let silent = try await ledger.openSession()
            let lost = try await ledger.claimEvaluation(silent)
            #expect(lost.arguments.ordinal == 0 && lost.token.attempt == round)
            try await ledger.silence(silent)
            let rescue = try await ledger.jobs.rescue(under: ledger.coordinator)
            #expect((rescue.count, rescue.deadCount) == (1, round - 1))
            #expect(try await ledger.evaluations.submit(lost.token, ["top1": 1]) == .fenced)
        }
        #expect(try await ledger.head().state == .active)
        #expect(try await ledger.event("evaluation_dead")?.contains("worker lost") == true)
        #expect(try await ledger.event("job_dead") == nil)
        #expect(try await ledger.evaluations.metrics(of: ledger.run).isEmpty)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("a drained worker gives one back without charge")
    func released() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let job = try await ledger.claimEvaluation(session)
        #expect(try await ledger.jobs.release(job.token))
        let again = try await ledger.claimEvaluation(session)
        #expect(again.token.job == job.token.job && again.token.attempt == 2)
        #expect(try await ledger.workers.close(session, exitCode: 0))
        let other = try await ledger.claimEvaluation(ledger.openSession())
        #expect(other.token.job == job.token.job && other.token.attempt == 3)
        let row = try #require(try await ledger.jobs.job(job.token.job))
        #expect(row.errors == 0 && row.rescues == 0)
    }

    @Test(
        "what is no metric is refused and leaves nothing",
        arguments: [
            "{}", "[]", #"{"top1": "1"}"#, #"{"top1": null}"#, #"{"Top1": 1}"#, #"{"../x": 1}"#, #"{"": 1}"#,
            #"{"top1": 1e400}"#, "null",
        ]
    )
    func refused(metrics: String) async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let job = try await ledger.claimEvaluation(session)
        await #expect(throws: PostgresError.self) {
            _ = try await ledger.database.query(
                """
                SELECT stillhouse.evaluation_submit_v1(
                    \(job.token.job), \(job.token.attempt)::integer, \(session), \(metrics)::jsonb
                )
                """
            )
        }
        #expect(try await ledger.evaluations.metrics(of: ledger.run).isEmpty)
        #expect(try await ledger.state(of: job) == .running)
    }

    @Test("no gradient and no artifact ends one, and its result ends no other job")
    func kinds() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let job = try await ledger.claimEvaluation(session)
        try await ledger.upload(job)
        await #expect(throws: PostgresError.self) {
            _ = try await ledger.gradients.submit(job.token, ledger.submission(of: job))
        }
        var artifact = Ledger.artifact(of: job)
        artifact.samples = 0
        #expect(try await ledger.artifacts.submit(job.token, artifact) == .fenced)
        let gradient = try await ledger.claim(session)
        #expect(try await ledger.evaluations.submit(gradient.token, ["top1": 1]) == .fenced)
        #expect(try await ledger.evaluations.submit(job.token, ["top1": 1]) == .ok)
    }

    @Test("after a rewind those of versions that are made again are done again, and the others stay")
    func rewound() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let early = try await ledger.claimEvaluation(session)
        #expect(try await ledger.evaluations.submit(early.token, Ledger.metrics(of: early)) == .ok)
        try await ledger.train(session, steps: 2)
        try await ledger.checkpoint(2)
        let pending = try await ledger.claimEvaluation(session)
        let last = try await ledger.claimEvaluation(session)
        let running = try await ledger.claimEvaluation(session)
        #expect([pending, last, running].map(\.baseNumber) == [2, 4, 4])
        #expect(try await ledger.evaluations.submit(last.token, Ledger.metrics(of: last)) == .ok)

        let rewind = try #require(try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil))
        #expect((rewind.from, rewind.to) == (4, 2))
        #expect(try await ledger.evaluations.counts(of: ledger.run) == [.applied: 1, .running: 1, .planned: 2])
        #expect(try await ledger.evaluations.metrics(of: ledger.run).map(\.number) == [2, 2])
        #expect(try await ledger.evaluations.submit(running.token, ["top1": 1]) == .fenced)
        #expect(try await ledger.evaluations.submit(pending.token, Ledger.metrics(of: pending)) == .ok)
        #expect(try await ledger.brokenInvariants(deep: true) == [])

        try await ledger.train(session, steps: 2)
        try await ledger.evaluateAll(session)
        #expect(try await ledger.keepUp().finishedRuns == [ledger.run])
        let metrics = try await ledger.evaluations.metrics(of: ledger.run)
        #expect(metrics.map(\.number).sorted() == [2, 2, 2, 2, 4, 4, 4, 4])
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("one whose version a crash of the database took is cancelled, and the run is finished without it")
    func lostVersion() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 4)
        // As a crash leaves a version that was not durable.
        try await ledger.database.execute(
            "UPDATE stillhouse.version SET state = 'retired' WHERE number = 2 AND run_id = \(ledger.run)"
        )
        #expect(try await ledger.keepUp().lostCount == 2)
        #expect(try await ledger.keepUp().lostCount == 0)
        let lost = try await ledger.jobs.list(of: ledger.run, .evaluate, in: .cancelled)
        #expect(lost.map(\.arguments.step) == [2, 2])
        #expect(lost.allSatisfy { $0.lastError?.contains("crash of the database") == true })
        #expect(try await ledger.event("evaluation_lost")?.contains(#""number": 2"#) == true)
        try await ledger.evaluateAll(session)
        #expect(try await ledger.keepUp().finishedRuns == [ledger.run])
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("a cancelled run's are cancelled, and a paused or blocked run's wait")
    func stopped() async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        #expect(try await ledger.runs.pause(ledger.run))
        #expect(try await ledger.jobs.claim(for: session, kinds: [.evaluate]).isEmpty)
        #expect(try await ledger.runs.resume(ledger.run))
        let job = try await ledger.claimEvaluation(session)
        #expect(try await ledger.runs.cancel(ledger.run, reason: "a test"))
        #expect(try await ledger.evaluations.submit(job.token, ["top1": 1]) == .fenced)
        #expect(try await ledger.evaluations.counts(of: ledger.run) == [.cancelled: 4])
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test(
        "a false metric, a missing result and a foreign version are noticed",
        arguments: [
            "UPDATE stillhouse.metric SET value = value + 1 WHERE name = 'evaluation.scenes.top1'",
            "DELETE FROM stillhouse.metric WHERE name = 'evaluation.scenes.teacher.top1'",
            "DELETE FROM stillhouse.evaluation",
            "UPDATE stillhouse.job SET step = 3, ordinal = 9 WHERE kind = 'evaluate' AND state = 'applied' AND ordinal = 0",
            "UPDATE stillhouse.job SET base_version_id = NULL WHERE kind = 'evaluate' AND state = 'applied'",
        ]
    )
    func verified(damage: String) async throws {
        let ledger = try await Ledger.evaluated()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        try await ledger.evaluateAll(session)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
        try await ledger.database.execute(Query(stringLiteral: damage))
        #expect(try await ledger.brokenInvariants(deep: true).map(\.number) == [21])
    }
}
