import Checkpoints
import Foundation
import TestSupport
import Testing
import Transfers

@Suite("Weight cache")
struct WeightCacheTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func cache(capacity: Int = 1000) throws -> WeightCache {
        try WeightCache(directory: URL(filePath: directory("cache")), capacity: capacity)
    }

    /// A hundred bytes and their name.
    private func chunk(_ value: UInt8) -> (bytes: [UInt8], digest: Digest) {
        let bytes = [UInt8](repeating: value, count: 100)
        return (bytes, Digest(of: bytes))
    }

    private func path(_ digest: Digest) -> String { directory("cache/\(digest)") }

    @Test("what was written is read, also by the next process, and leaves no temporary file")
    func keeps() throws {
        let (bytes, digest) = chunk(1)
        let first = try cache()
        #expect(first.read(digest) == nil)
        first.write(bytes, digest: digest)
        #expect(first.read(digest) == bytes)
        #expect(try cache().read(digest) == bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory("cache")) == ["\(digest)"])
    }

    @Test("a file that was cut or changed is a miss, goes away and may be written again", arguments: [99, 100])
    func corrupt(length: Int) throws {
        let (bytes, digest) = chunk(1)
        let cache = try cache()
        cache.write(bytes, digest: digest)
        var damaged = Array(bytes[..<length])
        damaged[50] ^= 1
        try directory.write(damaged, to: "cache/\(digest)")
        #expect(cache.read(digest) == nil)
        #expect(!FileManager.default.fileExists(atPath: path(digest)))
        cache.write(bytes, digest: digest)
        #expect(cache.read(digest) == bytes)
    }

    @Test("what was used longest ago makes room, and a read counts as use")
    func eviction() throws {
        let cache = try cache(capacity: 300)
        for value in 1...3 as ClosedRange<UInt8> { cache.write(chunk(value).bytes, digest: chunk(value).digest) }
        #expect(cache.read(chunk(1).digest) != nil)
        cache.write(chunk(4).bytes, digest: chunk(4).digest)
        #expect(cache.read(chunk(2).digest) == nil)
        for kept in [1, 3, 4] as [UInt8] { #expect(cache.read(chunk(kept).digest) == chunk(kept).bytes, "\(kept)") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory("cache")).count == 3)
    }

    @Test("the same chunk written twice counts once")
    func repeated() throws {
        let cache = try cache(capacity: 200)
        for value in [1, 2, 2, 2] as [UInt8] { cache.write(chunk(value).bytes, digest: chunk(value).digest) }
        #expect(cache.read(chunk(1).digest) != nil)
    }

    @Test("files of an earlier process count, and the oldest of them goes first")
    func takenOver() throws {
        let earlier = try cache()
        for value in 1...3 as ClosedRange<UInt8> {
            earlier.write(chunk(value).bytes, digest: chunk(value).digest)
            let age = value == 2 ? 1000.0 : 10.0
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -age)],
                ofItemAtPath: path(chunk(value).digest)
            )
        }
        let later = try cache(capacity: 300)
        later.write(chunk(4).bytes, digest: chunk(4).digest)
        #expect(later.read(chunk(2).digest) == nil)
        for kept in [1, 3, 4] as [UInt8] { #expect(later.read(chunk(kept).digest) != nil, "\(kept)") }
    }

    @Test("two caches on one directory see each other's chunks, and one's eviction is the other's miss")
    func shared() throws {
        let (roomy, tight) = (try cache(), try cache(capacity: 100))
        let (one, two) = (chunk(1), chunk(2))
        roomy.write(one.bytes, digest: one.digest)
        #expect(tight.read(one.digest) == one.bytes)
        tight.write(two.bytes, digest: two.digest)
        #expect(roomy.read(one.digest) == nil)
        #expect(roomy.read(two.digest) == two.bytes)
        roomy.write(one.bytes, digest: one.digest)
        #expect(roomy.read(one.digest) == one.bytes)
    }

    @Test("a directory that cannot be made is an error that names it")
    func unusable() throws {
        let file = try directory.write([1], to: "file")
        let error = #expect(throws: TransferError.self) {
            try WeightCache(directory: URL(filePath: file + "/cache"), capacity: 1)
        }
        #expect(try #require(error).description.contains("\(file)/cache cannot be used"))
    }
}
