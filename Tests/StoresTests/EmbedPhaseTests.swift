import Postgres
import Stores
import TestSupport
import Testing

@Suite("Steps of two phases", .temporaryDatabase(.migrated))
struct EmbedPhaseTests {
    @Test("a step opens with its embed jobs, and closing them opens its gradients at the same version")
    func wholeStep() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        #expect(try await ledger.counts(.embed) == [.available: 2, .planned: 6])
        #expect(try await ledger.counts(.gradient) == [.planned: 8])
        let embeds = try await ledger.jobs.claim(for: session, limit: 9)
        #expect(embeds.map(\.kind) == [.embed, .embed])
        #expect(embeds.map(\.arguments.positions) == [0..<4, 4..<8])
        try await ledger.finish(embeds[0])
        #expect(try await ledger.artifacts.embeddings(of: ledger.run, step: 0) == nil)
        #expect(try await !ledger.closeEmbedPhase(of: 0), "one job is not done")
        try await ledger.finish(embeds[1])
        #expect(try await !ledger.closeEmbedPhase(of: 1), "this step is not open")
        #expect(try await ledger.brokenInvariants() == [])
        let before = try #require(try await ledger.steps.open(of: ledger.run))
        #expect(before.isEmbedding && before.isEmbedded && !before.isComplete)
        #expect((before.embedCount, before.embeddedCount, before.jobCount, before.submittedCount) == (2, 2, 2, 0))
        #expect(try await ledger.closeEmbedPhase(of: 0))
        #expect(try await !ledger.closeEmbedPhase(of: 0), "once is enough")
        #expect(try await ledger.event("step_embedded")?.contains(#""artifacts": "2""#) == true)
        #expect(try await ledger.brokenInvariants() == [])

        let gradients = try await ledger.jobs.claim(for: session, limit: 9)
        #expect(gradients.map(\.kind) == [.gradient, .gradient])
        #expect(gradients.map(\.arguments) == embeds.map(\.arguments))
        #expect(gradients.map(\.baseVersion) == embeds.map(\.baseVersion))
        for job in gradients { try await ledger.finish(job) }
        let after = try #require(try await ledger.steps.open(of: ledger.run))
        #expect(!after.isEmbedding && after.isComplete)
        #expect(try await ledger.publish())
        #expect(try await ledger.counts(.embed) == [.applied: 2, .available: 2, .planned: 4])
        #expect(try await ledger.counts(.gradient) == [.applied: 2, .planned: 6])
        let next = try await ledger.claim(session)
        #expect(next.kind == .embed && next.arguments.step == 1 && next.baseNumber == 1)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("a run of such steps goes to its end, also where the plan runs dry between two")
    func wholeRun() async throws {
        let ledger = try await Ledger.twoPhased(plannedSteps: 1)
        let session = try await ledger.openSession()
        try await ledger.trainTwoPhased(session, steps: 1)
        #expect(try await ledger.steps.open(of: ledger.run) == nil)
        try await ledger.steps.plan(
            Ledger.plan(1..<4, hasEmbedPhase: true),
            of: ledger.run,
            under: ledger.coordinator
        )
        #expect(try await ledger.claim(session).kind == .embed)
        try await ledger.workers.close(session, exitCode: 0)
        try await ledger.trainTwoPhased(ledger.openSession(), steps: 3)
        #expect(try await ledger.head().state == .finished)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("what is read is what was handed in, in order, with the digest over all of it")
    func reading() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        let embeds = try await ledger.jobs.claim(for: session, limit: 2)
        for job in embeds.reversed() { #expect(try await ledger.finish(job) == .ok) }
        #expect(try await ledger.closeEmbedPhase(of: 0))
        let embeddings = try #require(try await ledger.artifacts.embeddings(of: ledger.run, step: 0))
        #expect(embeddings.artifacts.map(\.job) == embeds.map(\.token.job))
        #expect(embeddings.artifacts.map(\.ordinal) == [0, 1] && embeddings.artifacts.map(\.samples) == [4, 4])
        var entries: [UInt8] = []
        for artifact in embeddings.artifacts { entries += [0, 0, 0, UInt8(artifact.ordinal)] + artifact.digest }
        #expect(embeddings.digest == Ledger.sha256(entries))
        let parts = try await ledger.artifacts.parts(of: embeddings.artifacts)
        #expect(parts == embeds.map { Ledger.artifact(of: $0).parts })
    }

    @Test("workers of earlier releases get gradients only, and everyone gets the kinds that it asks for")
    func claims() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        func old(_ function: String) async throws -> Int {
            try await ledger.database.query("SELECT * FROM stillhouse.\(unescaped: function)(\(session), 1)").count
        }
        for function in ["job_claim_v1", "job_claim_v2"] { #expect(try await old(function) == 0) }
        #expect(try await ledger.jobs.claim(for: session, kinds: [.gradient]).isEmpty)
        try await ledger.embedStep(session)
        #expect(try await ledger.jobs.claim(for: session, kinds: [.embed, .evaluate]).isEmpty)
        for function in ["job_claim_v1", "job_claim_v2"] { #expect(try await old(function) == 1) }
    }

    @Test("an embed job's silent worker loses it to another")
    func rescue() async throws {
        let ledger = try await Ledger.twoPhased()
        let silent = try await ledger.openSession()
        let lost = try await ledger.claim(silent)
        try await ledger.silence(silent)
        #expect(try await ledger.jobs.rescue(under: ledger.coordinator).count == 1)
        let session = try await ledger.openSession()
        let again = try await ledger.claim(session)
        #expect(again.token.job == lost.token.job && again.kind == .embed && again.token.attempt == 2)
        #expect(try await ledger.finish(lost) == .fenced)
        #expect(try await ledger.finish(again) == .ok)
        try await ledger.embedStep(session)
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("each kind has a deadline of its own")
    func deadlines() async throws {
        let ledger = try await Ledger.twoPhased()
        let jobs = (0..<20).map { $0..<($0 + 1) }
        let steps = [StepPlan(step: 4, epoch: 2, jobs: jobs, hasEmbedPhase: true)]
        try await ledger.steps.plan(steps, of: ledger.run, under: ledger.coordinator)
        func last(_ kind: JobKind, seconds: Double) async throws {
            try await ledger.database.execute(
                """
                UPDATE stillhouse.job SET state = 'submitted', finished_at = clock_timestamp(),
                    claimed_at = clock_timestamp() - make_interval(secs => \(seconds)), attempt = 1
                WHERE step = 4 AND kind = \(kind)
                """
            )
        }
        // By hand, so as not to compute twenty of each.
        try await ledger.database.execute("ALTER TABLE stillhouse.job DISABLE TRIGGER job_result")
        try await ledger.database.execute("UPDATE stillhouse.run_head SET number = 4")
        try await last(.gradient, seconds: 100)
        try await last(.embed, seconds: 30)
        try await ledger.jobs.tuneDeadline(of: ledger.run, under: ledger.coordinator)
        try await ledger.database.execute("UPDATE stillhouse.run_head SET number = 0")
        let session = try await ledger.openSession()
        let embed = try await ledger.claim(session)
        #expect(embed.kind == .embed && abs(embed.deadline / .seconds(1) - 120) < 0.01)
        try await ledger.finish(embed)
        try await ledger.embedStep(session)
        let gradient = try await ledger.claim(session)
        #expect(gradient.kind == .gradient && abs(gradient.deadline / .seconds(1) - 400) < 0.01)
    }

    @Test("of two who close a phase one does, and nobody while the run waits for its head")
    func closedOnce() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        try await ledger.database.execute("UPDATE stillhouse.run_head SET restoring_since = clock_timestamp()")
        #expect(try await !ledger.closeEmbedPhase(of: 0))
        try await ledger.database.execute("UPDATE stillhouse.run_head SET restoring_since = NULL")
        let other = try Ledger.beside(ledger)
        async let one = ledger.closeEmbedPhase(of: 0)
        async let two = other.closeEmbedPhase(of: 0)
        #expect(try await [one, two].count { $0 } == 1)
        #expect(try await ledger.counts(.gradient) == [.available: 2, .planned: 6])
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("a cancelled embed job takes its gradient with it, a cancelled gradient leaves its embeddings")
    func cancellation() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        let first = try await ledger.claim(session)
        #expect(try await ledger.jobs.cancel(first.token.job, reason: "a test"))
        #expect(try await ledger.counts(.gradient) == [.planned: 7, .cancelled: 1])
        #expect(try await ledger.brokenInvariants() == [])
        try await ledger.embedStep(session)
        #expect(try await ledger.artifacts.embeddings(of: ledger.run, step: 0)?.artifacts.map(\.ordinal) == [1])
        #expect(try await ledger.counts(.gradient) == [.available: 1, .planned: 6, .cancelled: 1])
        try await ledger.train(session, steps: 1)
        #expect(try await ledger.head().samplesTotal == 4)

        try await ledger.embedStep(session)
        let gradient = try await ledger.claim(session)
        #expect(try await ledger.jobs.cancel(gradient.token.job, reason: "a test"))
        try await ledger.train(session, steps: 1)
        #expect(try await ledger.artifacts.embeddings(of: ledger.run, step: 1)?.artifacts.count == 2)
        #expect(try await ledger.head().samplesTotal == 8)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("a step none of whose samples is embedded makes a version all the same")
    func nothingEmbedded() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        for job in try await ledger.jobs.claim(for: session, limit: 2) {
            #expect(try await ledger.jobs.cancel(job.token.job, reason: "a test"))
        }
        #expect(try await ledger.closeEmbedPhase(of: 0))
        #expect(try await ledger.steps.open(of: ledger.run)?.isComplete == true)
        #expect(try await ledger.publish())
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("a dead embed job blocks its run, and goes on when an operator retries it")
    func dead() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        try await ledger.database.execute("UPDATE stillhouse.job SET errors = 2 WHERE kind = 'embed'")
        let job = try await ledger.claim(session)
        #expect(job.isIsolating)
        #expect(try await ledger.jobs.fail(job.token, error: "no picture") == .dead)
        #expect(try await ledger.head().state == .blocked)
        #expect(try await !ledger.closeEmbedPhase(of: 0))
        #expect(try await ledger.jobs.retry(job.token.job))
        try await ledger.embedStep(session)
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("a run goes back to the first phase of a step, and computes the same history again")
    func rewind() async throws {
        let calm = try await Ledger.twoPhased()
        try await calm.trainTwoPhased(calm.openSession(), steps: 4)
        let ledger = try await Ledger.twoPhased(in: calm.database, named: "rewound")
        let session = try await ledger.openSession()
        try await ledger.trainTwoPhased(session, steps: 2)
        try await ledger.checkpoint(1)
        try await ledger.embedStep(session)
        let open = try await ledger.jobs.claim(for: session, limit: 2)
        try await ledger.finish(open[0])

        let rewind = try #require(try await ledger.recovery.rewind(ledger.run, reason: "a test", under: nil))
        #expect(
            rewind == Rewind(from: 2, to: 1, voidGradientCount: 2, lostGradientCount: 1, revokedJobCount: 1)
        )
        #expect(try await ledger.counts(.embed) == [.applied: 2, .available: 2, .planned: 4])
        #expect(try await ledger.counts(.gradient) == [.applied: 2, .planned: 6])
        #expect(try await ledger.artifacts.embeddings(of: ledger.run, step: 1) == nil)
        #expect(try await ledger.steps.open(of: ledger.run)?.isEmbedding == true)
        #expect(try await ledger.finish(open[1]) == .fenced)
        #expect(try await ledger.brokenInvariants(deep: true) == [])

        try await ledger.trainTwoPhased(session, steps: 3)
        #expect(try await calm.verifier.firstDifference(between: calm.run, and: ledger.run) == nil)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("artifacts stay until their step is applied or undone; their manifests stay for good")
    func retention() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        func clean() async throws -> Int { try await ledger.retention.deleteArtifactParts(under: ledger.coordinator) }
        try await ledger.completeStep(session)
        #expect(try await clean() == 0)
        #expect(try await ledger.closeEmbedPhase(of: 0))
        #expect(try await clean() == 0)
        try await ledger.train(session, steps: 1)
        try await ledger.embedStep(session)
        #expect(try await ledger.artifactParts() == 8)
        #expect(try await clean() == 4)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
        #expect(try await ledger.artifacts.embeddings(of: ledger.run, step: 0)?.artifacts.count == 2)
        try await ledger.recovery.rewind(ledger.run, to: 0, reason: "a test", under: nil)
        #expect(try await clean() == 4)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    /// Damage, and exactly the invariants that it breaks.
    static let damages: [(broken: [Int], script: String)] = [
        ([3, 20], "DELETE FROM stillhouse.artifact WHERE job_id = (SELECT max(job_id) FROM stillhouse.artifact)"),
        (
            [7, 20],
            "UPDATE stillhouse.job SET first_index = first_index + 1 WHERE kind = 'embed' AND step = 0 AND ordinal = 1"
        ),
        ([16], "UPDATE stillhouse.artifact SET worker_session = gen_random_uuid()"),
        ([17], "UPDATE stillhouse.step SET n_embeds = n_embeds + 1 WHERE step = 3"),
        ([17], "UPDATE stillhouse.step SET n_jobs = n_jobs + 1 WHERE step = 3"),
        ([19], "DELETE FROM stillhouse.artifact_chunk WHERE part = 1"),
        ([19], "UPDATE stillhouse.artifact_chunk SET digest = sha256('forged')"),
        ([20], "UPDATE stillhouse.step SET embed_digest = sha256('forged') WHERE step = 1"),
        ([20], "UPDATE stillhouse.step SET phase = 0, embed_digest = NULL WHERE step = 1"),
        ([20], "UPDATE stillhouse.step SET phase = 1, embed_digest = sha256('') WHERE step = 2"),
        ([20], "UPDATE stillhouse.job SET state = 'available' WHERE step = 3 AND kind = 'gradient'"),
        ([20], "UPDATE stillhouse.job SET state = 'cancelled' WHERE step = 3 AND kind = 'embed'"),
    ]

    @Test("damage is reported by exactly the invariants that it breaks", arguments: damages)
    func damage(broken: [Int], script: String) async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        try await ledger.trainTwoPhased(session, steps: 1)
        try await ledger.embedStep(session)
        _ = try await ledger.retention.deleteArtifactParts(under: ledger.coordinator)
        #expect(try await ledger.brokenInvariants(deep: true) == [])
        try await TemporaryDatabase.current.connection().script(script)
        #expect(try await ledger.brokenInvariants(deep: true).map(\.number) == broken)
    }
}
