import Checkpoints
import Foundation
import OrderedCollections
import TestSupport
import Testing

struct DigestTests {
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test("the digest of abc is the one in FIPS 180-2")
    func knownValue() {
        #expect(Digest(of: Array("abc".utf8)).description == Self.abc)
        #expect(Digest(of: "abc".utf8).description == Self.abc)
        #expect(Digest(of: AnySequence("abc".utf8)).description == Self.abc)
    }

    @Test("a file's digest is that of its bytes, across piece boundaries")
    func file() throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let path = try directory.write(bytes, to: "blob")
        #expect(try Digest(ofFile: path) == Digest(of: bytes))
    }

    @Test("hexadecimal and JSON forms come back, other strings do not")
    func text() throws {
        let digest = try #require(Digest(hexadecimal: Self.abc))
        #expect(digest == Digest(of: "abc".utf8))
        #expect(Digest(hexadecimal: Self.abc.uppercased()) == digest)
        for bad in ["", "ba78", Self.abc + "0", String(Self.abc.dropLast()) + "g", String(Self.abc.dropLast()) + "é"] {
            #expect(Digest(hexadecimal: bad) == nil)
        }
        let json = try JSONEncoder().encode([digest])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(Self.abc)\"]")
        #expect(try JSONDecoder().decode([Digest].self, from: json) == [digest])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Digest].self, from: Data(#"["x"]"#.utf8)) }
    }

    @Test("the content digest depends on names, types, shapes and bytes, not on order or metadata")
    func content() throws {
        let one = CheckpointTensor([1, 2], shape: [2])
        let two = CheckpointTensor([3], shape: [])
        let digest = try Checkpoint(tensors: ["a": one, "b": two]).contentDigest()
        #expect(try Checkpoint(tensors: ["b": two, "a": one], metadata: ["x": "y"]).contentDigest() == digest)
        let others: [OrderedDictionary<String, CheckpointTensor>] = [
            ["a": one], ["a": one, "c": two], ["a": two, "b": one],
            ["a": CheckpointTensor([1, 2], shape: [1, 2]), "b": two],
            ["a": try CheckpointTensor(dtype: .int32, shape: [2], bytes: one.bytes), "b": two],
            ["a": CheckpointTensor([1, 2.5], shape: [2]), "b": two],
        ]
        for other in others { #expect(try Checkpoint(tensors: other).contentDigest() != digest) }
    }
}
