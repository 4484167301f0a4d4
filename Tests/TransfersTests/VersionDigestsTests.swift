import Checkpoints
import Stores
import TestSupport
import Testing
import Transfers

@Suite("Version digests")
struct VersionDigestsTests {
    @Test("members count by order, ordinal, units and gradient, not by job", .temporaryDatabase(.migrated))
    func members() async throws {
        let one = try await StoredRun([1, 2], named: "one")
        let two = try await StoredRun([1, 2], named: "two", in: one.database)
        let three = try await StoredRun([1, 2], named: "three", in: one.database)
        let four = try await StoredRun([1, 2], named: "four", in: one.database)
        let members = try await one.submit([3, 4])
        let elsewhere = try await two.submit([3, 4])
        #expect(Set(members.map(\.job)).isDisjoint(with: elsewhere.map(\.job)))
        let digest = VersionDigests.members(members)
        #expect(VersionDigests.members(elsewhere) == digest)
        #expect(VersionDigests.members(members.reversed()) != digest, "order")
        #expect(VersionDigests.members([members[0]]) != VersionDigests.members([members[1]]), "ordinal")
        #expect(try await VersionDigests.members(three.submit([3, 4], units: 5)) != digest, "units")
        #expect(try await VersionDigests.members(four.submit([3, 5])) != digest, "gradient")
        #expect(VersionDigests.members([]) == Digest(of: []))
    }

    private func reference(_ role: ChunkRole, _ ordinal: Int, _ content: String) -> ChunkReference {
        ChunkReference(role: role, ordinal: ordinal, digest: Digest(of: content.utf8).bytes)
    }

    @Test("the content counts by role, ordinal and bytes, in whatever order it is listed, without moments")
    func content() {
        let chunks = [reference(.student, 0, "a"), reference(.student, 1, "b"), reference(.frozen, 0, "c")]
        let digest = VersionDigests.content(chunks)
        #expect(VersionDigests.content(chunks.reversed()) == digest)
        #expect(VersionDigests.content(chunks + [reference(.moment1, 0, "d"), reference(.moment2, 0, "e")]) == digest)
        let others = [reference(.carried, 0, "d"), reference(.teacher, 0, "d")]
        for more in others { #expect(VersionDigests.content(chunks + [more]) != digest, "\(more.role)") }
        let swapped = [reference(.student, 1, "a"), reference(.student, 0, "b"), reference(.frozen, 0, "c")]
        #expect(VersionDigests.content(swapped) != digest)
        let moved = [reference(.student, 0, "a"), reference(.student, 1, "b"), reference(.carried, 0, "c")]
        #expect(VersionDigests.content(moved) != digest)
    }

    @Test("the chain depends on the parent's chain, the content and the members")
    func chain() {
        let (one, two) = (Digest(of: "one".utf8), Digest(of: "two".utf8))
        let chain = VersionDigests.chain(parent: one.bytes, content: one, members: one)
        #expect(chain == VersionDigests.chain(parent: one.bytes, content: one, members: one))
        #expect(chain != VersionDigests.chain(parent: two.bytes, content: one, members: one))
        #expect(chain != VersionDigests.chain(parent: one.bytes, content: two, members: one))
        #expect(chain != VersionDigests.chain(parent: one.bytes, content: one, members: two))
    }
}
