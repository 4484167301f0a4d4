import Foundation
import Postgres
import Stores
import TestSupport
import Testing
import Transfers

@Suite("Vectors held and refreshed", .temporaryDatabase(.migrated))
struct HeldVectorTests {
    /// Makes another version of the same run that lists these chunks, without the ceremony of publication.
    private func version(_ flat: [Float], in stored: StoredRun) async throws -> VersionID {
        let chunks = try await WeightWriter(stored.weights).write(flat, as: .student, in: .unlogged)
        let rows = try await stored.database.query(
            """
            INSERT INTO stillhouse.version (
                run_id, number, parent_id, step, samples, units, learning_rate, members_digest, content_digest,
                chain_digest
            )
            SELECT run_id, number + 1, version_id, 0, 0, 0, 0, members_digest, content_digest, chain_digest
            FROM stillhouse.version WHERE version_id = \(stored.version) RETURNING version_id
            """
        )
        let version = try #require(try rows.first?.decode("version_id", as: VersionID.self))
        try await stored.database.execute(
            """
            INSERT INTO stillhouse.version_chunk (version_id, role, ordinal, digest)
            SELECT \(version), c.role, c.ordinal, c.digest
            FROM unnest(\(chunks.map(\.role.rawValue)), \(chunks.map(\.ordinal)), \(chunks.map(\.digest)))
                AS c (role, ordinal, digest)
            """
        )
        return version
    }

    @Test("only what has changed is downloaded, and the same version asks for nothing")
    func changes() async throws {
        var flat = [Float].anyBits(count: 800_000, seed: 31)
        let stored = try await StoredRun(flat)
        let reader = WeightReader(stored.weights)
        var held: HeldVector?
        var traffic = WeightReader.Traffic()
        try await reader.refresh(&held, .student, to: stored.version, count: flat.count, traffic: &traffic)
        #expect(traffic.downloadedBytes == 4 * flat.count)
        #expect(held?.flat.map(\.bitPattern) == flat.map(\.bitPattern), "seed 31")

        flat[262_144] = 7
        flat[799_999] = 8
        let next = try await version(flat, in: stored)
        traffic = WeightReader.Traffic()
        try await reader.refresh(&held, .student, to: next, count: flat.count, traffic: &traffic)
        #expect(traffic.downloadedBytes == (4 << 18) + 4 * (800_000 - 3 << 18))
        #expect(held?.flat.map(\.bitPattern) == flat.map(\.bitPattern), "seed 31")

        // Whoever asked would be told that the version is retired.
        try await stored.database.execute("DELETE FROM stillhouse.version_chunk")
        traffic = WeightReader.Traffic()
        let same = try await reader.refresh(&held, .student, to: next, count: flat.count, traffic: &traffic)
        #expect(traffic == WeightReader.Traffic() && same.version == next)
    }

    @Test("an error leaves nothing half refreshed behind")
    func failure() async throws {
        let flat = [Float].anyBits(count: 300_000, seed: 32)
        let stored = try await StoredRun(flat)
        let reader = WeightReader(stored.weights)
        var held: HeldVector?
        var traffic = WeightReader.Traffic()
        try await reader.refresh(&held, .student, to: stored.version, count: flat.count, traffic: &traffic)
        let changed = flat.map { $0 + 1 }
        let next = try await version(changed, in: stored)
        try await stored.database.execute(
            "DELETE FROM stillhouse.weights_chunk_unlogged WHERE octet_length(data) < 1000000"
        )
        await #expect(throws: TransferError.versionRetired(next)) {
            try await reader.refresh(&held, .student, to: next, count: flat.count, traffic: &traffic)
        }
        #expect(held == nil)
        try await reader.refresh(&held, .student, to: stored.version, count: flat.count, traffic: &traffic)
        #expect(held?.flat.map(\.bitPattern) == flat.map(\.bitPattern), "seed 32")
    }

    @Test("a chunk known by its reference is not hashed again, and is stored all the same")
    func known() async throws {
        let flat = [Float].anyBits(count: 262_145, seed: 33)
        let stored = try await StoredRun([0])
        let references = WeightWriter.references(to: flat, as: .moment1)
        let written = try await WeightWriter(stored.weights).write(flat, as: .moment1, known: references)
        #expect(written == references)
        #expect(try await stored.weights.chunks(references.map(\.digest)).allSatisfy { $0 != nil })
    }
}
