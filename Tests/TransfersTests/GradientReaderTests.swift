import Checkpoints
import Postgres
import Stores
import TestSupport
import Testing
import Transfers

@Suite("Gradients read", .temporaryDatabase(.migrated))
struct GradientReaderTests {
    private let gradient = [Float].anyBits(count: 262_145, seed: 5)

    @Test("a gradient comes back bit by bit")
    func roundTrip() async throws {
        let stored = try await StoredRun([Float](repeating: 0, count: gradient.count))
        let manifest = try #require(try await stored.submit(gradient).first)
        let read = try await GradientReader(stored.gradients).read(manifest, count: gradient.count)
        #expect(read?.map(\.bitPattern) == gradient.map(\.bitPattern), "seed 5")
    }

    @Test(
        "a gradient whose stored bytes differ from its manifest is refused",
        arguments: [
            "SET data = set_byte(data, 2, get_byte(data, 2) # 1) WHERE part = 1",
            "SET data = '\\x00000000', digest = sha256('\\x00000000') WHERE part = 1",
            "SET data = substr(data, 1, 400), digest = sha256(substr(data, 1, 400)) WHERE part = 0",
            "SET part = 7 WHERE part = 1",
        ]
    )
    func differs(change: String) async throws {
        let stored = try await StoredRun([Float](repeating: 0, count: gradient.count))
        let manifest = try #require(try await stored.submit(gradient).first)
        try await stored.database.execute("UPDATE stillhouse.gradient_chunk_unlogged \(unescaped: change)")
        #expect(try await GradientReader(stored.gradients).read(manifest, count: gradient.count) == nil)
    }

    @Test("a gradient of another layout is refused", arguments: [262_144, 262_146, 600_000])
    func otherLayout(count: Int) async throws {
        let stored = try await StoredRun([Float](repeating: 0, count: gradient.count))
        let manifest = try #require(try await stored.submit(gradient).first)
        #expect(try await GradientReader(stored.gradients).read(manifest, count: count) == nil)
    }

    @Test("parts carry their own digests, and the gradient's digest is theirs")
    func encoding() {
        let encoded = EncodedGradient(gradient)
        #expect(encoded.parts.map(\.index) == [0, 1])
        #expect(encoded.parts.map(\.data.count) == [4 << 18, 4])
        #expect(encoded.parts.allSatisfy { $0.digest == Digest(of: $0.data).bytes })
        #expect(encoded.digest == Digest(of: encoded.parts[0].digest + encoded.parts[1].digest))
    }
}
