import Foundation
import Postgres
import Stores
import TestSupport
import Testing
import Transfers

@Suite("Weights read", .temporaryDatabase(.migrated))
struct WeightReaderTests {
    private func damage(_ stored: StoredRun, ordinal: Int) async throws {
        try await stored.database.execute(
            """
            UPDATE stillhouse.weights_chunk w SET data = set_byte(w.data, 2, get_byte(w.data, 2) # 1)
            FROM stillhouse.version_chunk c WHERE c.digest = w.digest AND c.ordinal = \(ordinal)
            """
        )
    }

    @Test("a vector comes back bit by bit, whatever its length", arguments: [1, 262_144, 262_145, 600_001])
    func roundTrip(count: Int) async throws {
        let flat = [Float].anyBits(count: count, seed: 7)
        let stored = try await StoredRun(flat)
        var traffic = WeightReader.Traffic()
        let read = try await WeightReader(stored.weights)
            .read(.student, of: stored.version, count: count, traffic: &traffic)
        #expect(read.map(\.bitPattern) == flat.map(\.bitPattern), "seed 7")
        #expect(traffic.downloadedBytes == 4 * count && traffic.cachedBytes == 0)
    }

    @Test("what a cache holds is not fetched again, and a damaged file of its is")
    func cached() async throws {
        let directory = try TemporaryDirectory()
        let flat = [Float].anyBits(count: 262_145, seed: 8)
        let stored = try await StoredRun(flat)
        let cache = try WeightCache(directory: URL(filePath: directory.path), capacity: 8 << 20)
        let reader = WeightReader(stored.weights, cache: cache)
        var traffic = WeightReader.Traffic()
        _ = try await reader.read(.student, of: stored.version, count: flat.count, traffic: &traffic)
        #expect(traffic.downloadedBytes == 4 * flat.count)

        traffic = WeightReader.Traffic()
        let again = try await reader.read(.student, of: stored.version, count: flat.count, traffic: &traffic)
        #expect(traffic.downloadedBytes == 0 && traffic.cachedBytes == 4 * flat.count)
        #expect(again.map(\.bitPattern) == flat.map(\.bitPattern), "seed 8")

        let references = try await stored.weights.chunks(of: stored.version, roles: [.student])
        let last = try #require(
            references.last.flatMap { reference in
                try? directory.names().first { $0.hasPrefix(reference.digest.prefix(4).map(hexadecimal).joined()) }
            }
        )
        try directory.write([0, 0, 0, 0], to: last)
        traffic = WeightReader.Traffic()
        let mended = try await reader.read(.student, of: stored.version, count: flat.count, traffic: &traffic)
        #expect(traffic.downloadedBytes == 4 && traffic.cachedBytes == 4 << 18)
        #expect(mended.map(\.bitPattern) == flat.map(\.bitPattern), "seed 8")
    }

    private func hexadecimal(_ byte: UInt8) -> String { String(format: "%02x", Int(byte)) }

    @Test("a retired version says so, also when only its chunks are gone yet", arguments: ["list", "chunks"])
    func retired(what: String) async throws {
        let stored = try await StoredRun([1, 2, 3])
        if what == "list" {
            try await stored.database.execute("DELETE FROM stillhouse.version_chunk")
        } else {
            try await stored.database.execute("DELETE FROM stillhouse.weights_chunk")
        }
        await #expect(throws: TransferError.versionRetired(stored.version)) {
            var traffic = WeightReader.Traffic()
            _ = try await WeightReader(stored.weights)
                .read(.student, of: stored.version, count: 3, traffic: &traffic)
        }
    }

    @Test("stored bytes that do not match their name are refused with their place", arguments: [0, 1])
    func corrupt(ordinal: Int) async throws {
        let stored = try await StoredRun([Float].anyBits(count: 262_145, seed: 9))
        try await damage(stored, ordinal: ordinal)
        let expected = TransferError.chunkCorrupt(version: stored.version, role: .student, ordinal: ordinal)
        await #expect(throws: expected) {
            var traffic = WeightReader.Traffic()
            _ = try await WeightReader(stored.weights)
                .read(.student, of: stored.version, count: 262_145, traffic: &traffic)
        }
    }

    @Test("another number of chunks than the layout's is refused with both numbers")
    func wrongChunkCount() async throws {
        let stored = try await StoredRun([1, 2, 3])
        let expected = TransferError.wrongChunkCount(
            version: stored.version,
            role: .student,
            expected: 2,
            found: 1
        )
        await #expect(throws: expected) {
            var traffic = WeightReader.Traffic()
            _ = try await WeightReader(stored.weights)
                .read(.student, of: stored.version, count: 262_145, traffic: &traffic)
        }
    }

    @Test("chunks that are not numbered from 0 on are refused instead of trapped on")
    func misnumbered() async throws {
        let stored = try await StoredRun([1, 2, 3])
        try await stored.database.execute("UPDATE stillhouse.version_chunk SET ordinal = 7")
        await #expect(throws: TransferError.chunkCorrupt(version: stored.version, role: .student, ordinal: 7)) {
            var traffic = WeightReader.Traffic()
            _ = try await WeightReader(stored.weights)
                .read(.student, of: stored.version, count: 3, traffic: &traffic)
        }
    }
}
