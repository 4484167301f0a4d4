import Postgres
import Stores
import TestSupport
import Testing

@Suite("Artifacts", .temporaryDatabase(.migrated))
struct ArtifactStoreTests {
    @Test("a repeated submission is known, one without the fence changes nothing")
    func answers() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        #expect(try await ledger.finish(job) == .ok)
        #expect(try await ledger.finish(job) == .already)
        #expect(try await ledger.artifactParts() == 2)
        let other = try await ledger.claim(session)
        try await ledger.jobs.release(other.token)
        #expect(try await ledger.finish(other) == .fenced)
        let (token, second) = (job.token, try await ledger.openSession())
        let stranger = FencingToken(job: token.job, attempt: token.attempt, session: second)
        #expect(try await ledger.artifacts.submit(stranger, Ledger.artifact(of: job)) == .fenced)
        #expect(try await ledger.artifactParts() == 2)
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("a repetition waits for the first call, whatever became of that", arguments: ["COMMIT", "ROLLBACK"])
    func lostReply(end: String) async throws {
        let ledger = try await Ledger.twoPhased()
        let job = try await ledger.claim(ledger.openSession())
        let artifact = Ledger.artifact(of: job)
        let server = try TemporaryDatabase.current
        let first = server.database()
        try await first.execute("BEGIN")
        #expect(try await ArtifactStore(first).submit(job.token, artifact) == .ok)
        async let second = ArtifactStore(server.database()).submit(job.token, artifact)
        try await ledger.someoneWaits()
        try await first.execute(Query(unescaped: end))
        #expect(try await second == (end == "COMMIT" ? .already : .ok))
        #expect(try await ledger.artifactParts() == 2)
        await first.close()
    }

    @Test("parts that are not those of the digest are refused as a whole, and may come again")
    func damaged() async throws {
        let ledger = try await Ledger.twoPhased()
        let job = try await ledger.claim(ledger.openSession())
        var artifact = Ledger.artifact(of: job)
        artifact.parts[1][0] ^= 1
        let damaged = artifact
        await #expect(throws: StoreError.partsMissing(job: job.token.job, attempt: 1)) {
            try await ledger.artifacts.submit(job.token, damaged)
        }
        artifact.parts = []
        let empty = artifact
        await #expect(throws: StoreError.partsMissing(job: job.token.job, attempt: 1)) {
            try await ledger.artifacts.submit(job.token, empty)
        }
        #expect(try await ledger.artifactParts() == 0)
        #expect(try await ledger.finish(job) == .ok)
    }

    @Test("counts and sizes that cannot be are refused", arguments: [(5, 1), (4, 400_000), (4, 1 << 20 + 1)])
    func excess(samples: Int, bytes: Int) async throws {
        let ledger = try await Ledger.twoPhased()
        let job = try await ledger.claim(ledger.openSession())
        let part = [UInt8](repeating: 7, count: bytes)
        let artifact = ArtifactSubmission(samples: samples, digest: Ledger.sha256(Ledger.sha256(part)), parts: [part])
        let error = await #expect(throws: PostgresError.self) {
            try await ledger.artifacts.submit(job.token, artifact)
        }
        #expect(error?.sqlState == .checkViolation)
        #expect(try await ledger.state(of: job) == .running)
    }

    @Test("an embed job is not done by a gradient, nor a gradient job by an artifact")
    func wrongKind() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        let embed = try await ledger.claim(session)
        try await ledger.upload(embed)
        let error = await #expect(throws: PostgresError.self) {
            try await ledger.gradients.submit(embed.token, ledger.submission(of: embed))
        }
        #expect(error?.sqlState == .checkViolation)
        let data = Ledger.payload(of: embed)
        let offer = GradientOffer(
            token: embed.token,
            part: GradientPart(index: 0, digest: Ledger.sha256(data), data: data),
            submission: ledger.submission(of: embed)
        )
        await #expect(throws: PostgresError.self) { try await ledger.gradients.offer([offer], for: session) }
        #expect(try await ledger.state(of: embed) == .running)
        #expect(try await ledger.finish(embed) == .ok)
        try await ledger.embedStep(session)
        let gradient = try await ledger.claim(session)
        #expect(try await ledger.artifacts.submit(gradient.token, Ledger.artifact(of: gradient)) == .fenced)
        #expect(try await ledger.state(of: gradient) == .running)
        #expect(try await ledger.brokenInvariants() == [])
    }

    @Test("samples that are left out are recorded, and quarantined ones stay out from that step on")
    func badSamples() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        let artifact = Ledger.artifact(
            of: job,
            samples: 2,
            badSamples: [
                BadSample(sampleID: 7, key: "7.jpg", reason: "no picture"),
                BadSample(sampleID: 3, key: "3.jpg", reason: "not a number", isQuarantined: true),
            ]
        )
        #expect(try await ledger.artifacts.submit(job.token, artifact) == .ok)
        #expect(try await ledger.gradients.badSamples(of: ledger.run).map(\.sample.sampleID) == [3, 7])
        #expect(try await ledger.event("sample_quarantined")?.contains("3.jpg") == true)
        try await ledger.embedStep(session)
        #expect(try await ledger.claim(session).excludedSamples == [3])
        #expect(try await ledger.artifacts.embeddings(of: ledger.run, step: 0)?.artifacts.map(\.samples) == [2, 4])
    }

    @Test("a worker reads artifacts with its own login, and no session")
    func grants() async throws {
        let ledger = try await Ledger.twoPhased()
        let session = try await ledger.openSession()
        try await ledger.embedStep(session)
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.script("SET ROLE stillhouse_worker")
        for relation in ["step_artifact", "artifact_chunk"] {
            try await connection.script("SELECT * FROM stillhouse.\(relation)")
        }
        await #expect(throws: PostgresError.self) { try await connection.script("SELECT * FROM stillhouse.artifact") }
    }
}
