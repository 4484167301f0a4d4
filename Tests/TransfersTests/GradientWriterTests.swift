import Checkpoints
import Postgres
import Stores
import TestSupport
import Testing
import Transfers

@Suite("Gradients delivered", .temporaryDatabase(.migrated))
struct GradientWriterTests {
    private let manifest = GradientSubmission(
        partCount: 0,
        digest: [],
        samples: 4,
        units: 4,
        loss: 1,
        terms: ["distance": .init(sum: 1, count: 4)],
        norm: 1
    )

    @Test(
        "a sum comes back bit by bit, whatever its length, with the digest of its parts",
        arguments: [1, 262_143, 262_144, 262_145, 600_001, 5_000_000]
    )
    func roundTrip(count: Int) async throws {
        let flat = [Float].anyBits(count: count, seed: 21)
        let stored = try await StoredRun([Float](repeating: 0, count: count))
        let job = try #require(try await stored.claim().first)
        let writer = GradientWriter(stored.gradients)
        #expect(try await writer.deliver(flat, for: job.token, as: manifest) == .ok)
        let entered = try #require(try await stored.gradients.manifests(of: stored.run, step: 0).first)
        #expect(entered.digest == EncodedGradient(flat).digest.bytes)
        #expect(entered.partCount == ChunkLayout(parameterCount: count).chunkCount)
        #expect(entered.terms == manifest.terms)
        let read = try await GradientReader(stored.gradients).read(entered, count: count)
        #expect(read?.map(\.bitPattern) == flat.map(\.bitPattern), "seed 21")
        #expect(try await writer.deliver(flat, for: job.token, as: manifest) == .already)
    }

    @Test("a job that is somebody else's by now is answered so, with one part or several", arguments: [1, 600_001])
    func fenced(count: Int) async throws {
        let flat = [Float](repeating: 1, count: count)
        let stored = try await StoredRun(flat)
        let job = try #require(try await stored.claim().first)
        try await JobStore(stored.database).release(job.token)
        let answer = try await GradientWriter(stored.gradients).deliver(flat, for: job.token, as: manifest)
        #expect(answer == .fenced)
        #expect(try await stored.gradients.manifests(of: stored.run, step: 0).isEmpty)
    }

    @Test("bad samples go with the manifest, whatever the number of parts", arguments: [1, 262_145])
    func badSamples(count: Int) async throws {
        let flat = [Float](repeating: 1, count: count)
        let stored = try await StoredRun(flat)
        let job = try #require(try await stored.claim().first)
        var manifest = manifest
        manifest.badSamples = [BadSample(sampleID: 3, key: "a.jpg", reason: "torn")]
        #expect(try await GradientWriter(stored.gradients).deliver(flat, for: job.token, as: manifest) == .ok)
        #expect(try await stored.gradients.badSamples(of: stored.run).map(\.sample.key) == ["a.jpg"])
    }

    @Test("another layout's length is a mismatch", arguments: [1, 262_144, 600_001])
    func mismatch(count: Int) async throws {
        let stored = try await StoredRun([Float](repeating: 0, count: 300_000))
        let job = try #require(try await stored.claim().first)
        let flat = [Float](repeating: 1, count: count)
        if count > 300_000 {
            // A part outside of the layout is refused before anything is submitted.
            await #expect(throws: PostgresError.self) {
                try await GradientWriter(stored.gradients).deliver(flat, for: job.token, as: manifest)
            }
        } else {
            let answer = try await GradientWriter(stored.gradients).deliver(flat, for: job.token, as: manifest)
            #expect(answer == .mismatch)
        }
        #expect(try await stored.gradients.manifests(of: stored.run, step: 0).isEmpty)
    }
}
