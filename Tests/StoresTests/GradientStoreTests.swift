import Postgres
import Stores
import TestSupport
import Testing

@Suite("The gradient ledger", .temporaryDatabase(.migrated))
struct GradientStoreTests {
    @Test("a submitted gradient is found in the ledger, part by part, in the order of summation")
    func submit() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        for job in jobs.reversed() { #expect(try await ledger.finish(job) == .ok) }
        let manifests = try await ledger.gradients.manifests(of: ledger.run, step: 0)
        #expect(manifests.map(\.job) == jobs.map(\.token.job))
        #expect(manifests.map(\.ordinal) == [0, 1])
        let manifest = try #require(manifests.first)
        #expect(manifest.samples == 4 && manifest.units == 12)
        #expect(manifest.terms == ["distance": .init(sum: 0.5, count: 12)])
        let part = try #require(try await ledger.gradients.part(0, of: manifest))
        #expect(part.digest == Ledger.sha256(part.data))
        #expect(Ledger.sha256(part.digest) == manifest.digest)
        #expect(try await ledger.gradients.part(1, of: manifest) == nil)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("submitting twice is answered `already` and counts once")
    func submitTwice() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        #expect(try await ledger.finish(job) == .ok)
        #expect(try await ledger.gradients.submit(job.token, ledger.submission(of: job)) == .already)
        #expect(try await ledger.gradients.manifests(of: ledger.run, step: 0).count == 1)
        try await ledger.completeStep(session)
        #expect(try await ledger.publish())
        #expect(try await ledger.gradients.submit(job.token, ledger.submission(of: job)) == .already)
    }

    @Test(
        "a repeated call waits for the first one, whatever that one's reply became",
        arguments: ["COMMIT", "ROLLBACK"]
    )
    func lostReply(end: String) async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        try await ledger.upload(job)

        // The first call is in flight on a connection of its own, which its worker has given up on.
        let server = try TemporaryDatabase.current
        let first = server.database()
        let submission = ledger.submission(of: job)
        try await first.execute("BEGIN")
        #expect(try await GradientStore(first).submit(job.token, submission) == .ok)
        async let second = GradientStore(server.database()).submit(job.token, submission)
        try await ledger.someoneWaits()
        try await first.execute(Query(unescaped: end))
        #expect(try await second == (end == "COMMIT" ? .already : .ok))
        #expect(try await ledger.gradients.manifests(of: ledger.run, step: 0).count == 1)
        await first.close()
    }

    @Test("a submission without its parts, or with other parts than its manifest's, changes nothing")
    func partsMissing() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        let missing = StoreError.partsMissing(job: job.token.job, attempt: 1)
        await #expect(throws: missing) { try await ledger.gradients.submit(job.token, ledger.submission(of: job)) }
        let other: [UInt8] = [1, 2, 3]
        #expect(try await ledger.gradients.put(job.token, part: 0, digest: Ledger.sha256(other), data: other))
        await #expect(throws: missing) { try await ledger.gradients.submit(job.token, ledger.submission(of: job)) }
        #expect(try await ledger.state(of: job) == .running)
        // The next upload replaces what differs.
        #expect(try await ledger.finish(job) == .ok)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("parts are pipelined, repeated at will, and refused without the fence")
    func putParts() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        try await ledger.database.execute("UPDATE stillhouse.run SET parameter_count = 3 * 262144 - 1")
        let parts = (0..<3).map { index in
            let data = [UInt8](repeating: UInt8(index), count: 1 << 20)
            return GradientPart(index: index, digest: Ledger.sha256(data), data: data)
        }
        #expect(try await ledger.gradients.put(job.token, parts: parts))
        #expect(try await ledger.gradients.put(job.token, parts: parts, maximumBytesInFlight: 1 << 20))
        var submission = ledger.submission(of: job)
        submission.partCount = 3
        submission.digest = Ledger.sha256(parts.flatMap(\.digest))
        #expect(try await ledger.gradients.submit(job.token, submission) == .ok)
        #expect(try await ledger.gradients.put(job.token, parts: parts) == false)
    }

    @Test("a part beyond the layout, a payload above its limit and another number of parts are refused")
    func quotas() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        let digest = Ledger.sha256("part")
        for (part, size) in [(1, 4), (-1, 4), (0, 1_114_113)] {
            let data = [UInt8](repeating: 0, count: size)
            await #expect(throws: PostgresError.self, "part \(part) of \(size) bytes") {
                try await ledger.gradients.put(job.token, part: part, digest: digest, data: data)
            }
        }
        try await ledger.upload(job)
        var submission = ledger.submission(of: job)
        submission.partCount = 2
        #expect(try await ledger.gradients.submit(job.token, submission) == .mismatch)
    }

    @Test("counts and numbers that cannot be are refused, and the job stays with its worker")
    func impossibleNumbers() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        try await ledger.upload(job)
        let changes: [(String, (inout GradientSubmission) -> Void)] = [
            ("more samples than the job has", { $0.samples = 5 }),
            ("negative samples", { $0.samples = -1 }),
            ("negative units", { $0.units = -1 }),
            ("a loss that is not a number", { $0.loss = .nan }),
            ("an infinite loss", { $0.loss = .infinity }),
            ("a norm that is not a number", { $0.norm = .nan }),
        ]
        for (name, change) in changes {
            var changed = ledger.submission(of: job)
            change(&changed)
            let submission = changed
            await #expect(throws: PostgresError.self, "\(name)") {
                _ = try await ledger.gradients.submit(job.token, submission)
            }
            #expect(try await ledger.state(of: job) == .running, "\(name)")
        }
        #expect(try await ledger.gradients.submit(job.token, ledger.submission(of: job)) == .ok)
    }

    @Test("samples that cannot be decoded are recorded once, with the job that found them first")
    func badSamples() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let bad = BadSample(sampleID: 3, key: "train/3.jpg", reason: "ends after 100 bytes")
        for _ in 0..<2 {
            let job = try await ledger.claim(session)
            try await ledger.upload(job)
            var submission = ledger.submission(of: job)
            submission.samples = 3
            submission.badSamples = [bad]
            #expect(try await ledger.gradients.submit(job.token, submission) == .ok)
        }
        let recorded = try await ledger.gradients.badSamples(of: ledger.run)
        #expect(recorded.map(\.sample) == [bad])
        #expect(recorded.first?.fromStep == nil && recorded.first?.workerAlias != nil)
    }
}
