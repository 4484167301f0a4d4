import Postgres
import Stores
import TestSupport
import Testing

@Suite("Weights", .temporaryDatabase(.migrated))
struct WeightStoreTests {
    @Test("chunks are stored once under their digest and read back one by one or many at once")
    func chunks() async throws {
        let ledger = try await Ledger()
        let contents = (0..<10).map { [UInt8](repeating: UInt8($0), count: 1000) }
        let digests = contents.map { Ledger.sha256($0) }
        #expect(try await ledger.weights.touch(digests, in: .logged) == Set(digests))
        for (digest, data) in zip(digests, contents) {
            try await ledger.weights.put(digest: digest, data: data, in: .logged)
        }
        try await ledger.weights.put(digest: digests[0], data: contents[0], in: .logged)
        #expect(try await ledger.weights.touch(digests, in: .logged).isEmpty)
        #expect(try await ledger.weights.chunk(digests[4]) == contents[4])
        #expect(try await ledger.weights.chunks(digests) == contents)
        #expect(try await ledger.weights.chunks([Ledger.sha256("nowhere")]) == [nil])
    }

    @Test("versions are found by head, number and id, and list their chunks by role")
    func versions() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let versions = try await ledger.weights.list(of: ledger.run)
        #expect(versions.map(\.number) == [0, 1, 2])
        #expect(versions.map(\.parent) == [nil, versions[0].id, versions[1].id])
        #expect(try await ledger.weights.head(of: ledger.run) == versions[2])
        #expect(try await ledger.weights.version(number: 1, of: ledger.run) == versions[1])
        #expect(try await ledger.weights.version(versions[1].id) == versions[1])
        let student = try await ledger.weights.chunks(of: versions[2].id, roles: [.student])
        #expect(student.map(\.digest) == [Ledger.sha256("student 2")])
        let frozen = try await ledger.weights.chunks(of: versions[2].id, roles: [.frozen, .teacher])
        #expect(frozen == (try await ledger.weights.chunks(of: versions[0].id, roles: [.frozen])))
    }

    @Test("a draft is invisible, and impossible without its chunks")
    func draft() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let draft = try await ledger.draft()
        #expect(try await ledger.weights.state(of: draft.id, under: ledger.aggregator) == .draft)
        #expect(try await ledger.weights.list(of: ledger.run).count == 1)
        #expect(try await ledger.weights.version(number: 1, of: ledger.run) == nil)
        let head = try #require(try await ledger.weights.head(of: ledger.run))
        await #expect(throws: StoreError.chunksMissing(count: 1)) {
            try await ledger.weights.draft(
                childOf: head.id,
                applying: 0,
                update: head.update,
                chunks: [ChunkReference(role: .student, ordinal: 0, digest: Ledger.sha256("nowhere"))],
                under: ledger.aggregator
            )
        }
    }
}
