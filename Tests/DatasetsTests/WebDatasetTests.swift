import Datasets
import Foundation
import Images
import TestSupport
import Testing

@Suite("WebDataset")
struct WebDatasetTests {
    private let folder: TemporaryFolder
    private let picture: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        picture = try JPEGEncoder().encode(Image(width: 24, height: 16, filledWith: .ink))
    }

    private func scan(_ shards: [String: [UInt8]], pattern: String? = nil) async throws -> DatasetScan {
        for (name, bytes) in shards { try folder.write(bytes, to: name) }
        return try await WebDataset(root: try ImageRoot(folder.path), shards: pattern).scan()
    }

    private func pairs(_ scan: DatasetScan) -> [[String]] {
        scan.index.samples.map { [$0.key] + $0.captions }
    }

    private func load(_ scan: DatasetScan, root: ImageRoot) async throws -> [Image] {
        var images: [Image] = []
        for sample in scan.index.samples {
            guard case .loaded(let loaded) = try await Dataset(index: scan.index, root: root).load(sample.id) else {
                Issue.record("\(sample.key) is bad")
                continue
            }
            images.append(loaded.image)
        }
        return images
    }

    private func shard(_ names: [String]) -> [UInt8] {
        var tar = TarArchive()
        for name in names {
            tar.add(name + ".txt", "caption of \(name)")
            tar.add(name + ".jpg", picture)
        }
        return tar.closed
    }

    @Test("members of one name are a sample; shards and samples keep their order; pictures are read by offset")
    func samples() async throws {
        var tar = TarArchive()
        tar.add("./b/1.jpg", picture)
        tar.add("./b/1.json", #"{"caption": ["two", "three"], "text": "no"}"#)
        tar.add("./b/1.cls", "12\n")
        tar.add("a.png", try PNGEncoder().encode(Image(width: 11, height: 30, filledWith: .white)))
        tar.add("a.txt", "one")
        tar.add("a.json", #"{"caption": "a repetition"}"#)
        tar.add("ignored.npy", [1, 2, 3])
        let scan = try await scan(["x-1.tar": shard(["0", "1"]), "x-0.tar": tar.closed])
        #expect(
            pairs(scan) == [
                ["x-0.tar/b/1.jpg", "two", "three"], ["x-0.tar/a.png", "one"],
                ["x-1.tar/0.jpg", "caption of 0"], ["x-1.tar/1.jpg", "caption of 1"],
            ]
        )
        #expect(scan.index.samples.map(\.label) == [12, nil, nil, nil])
        #expect(scan.rejections.isEmpty && scan.warnings.isEmpty && scan.index.kind == .webDataset)
        let images = try await load(scan, root: ImageRoot(folder.path))
        #expect(images.map(\.width) == [24, 11, 24, 24])
    }

    @Test("GNU long names, pax paths and sizes, prefixes and binary sizes are read")
    func formats() async throws {
        let long = String(repeating: "long/", count: 40)
        var tar = TarArchive()
        tar.addWithGNUName(long + "gnu.jpg", picture)
        tar.addWithGNUName(long + "gnu.txt", Array("gnu".utf8))
        tar.addWithRecords(long + "pax-ü.jpg", picture, statesSize: true)
        tar.addWithRecords(long + "pax-ü.txt", Array("pax".utf8))
        tar.add("prefixed.jpg", picture, prefix: "some/folder")
        tar.add("prefixed.txt", Array("prefix".utf8), prefix: "some/folder")
        tar.addWithBinarySize("binary.jpg", picture)
        tar.add("folder.jpg/", [], type: "5")
        tar.add("binary.txt", "binary")
        let scan = try await scan(["s.tar": tar.closed])
        #expect(
            pairs(scan) == [
                ["s.tar/\(long)gnu.jpg", "gnu"], ["s.tar/\(long)pax-ü.jpg", "pax"],
                ["s.tar/some/folder/prefixed.jpg", "prefix"], ["s.tar/binary.jpg", "binary"],
            ]
        )
        #expect(try await load(scan, root: ImageRoot(folder.path)).count == 4)
        #expect(scan.rejections.isEmpty)
    }

    @Test("a truncated member is recorded, the samples before it are used, wherever the shard ends")
    func truncated() async throws {
        let whole = shard(["0", "1"])
        let members = 1024 + 512 + (picture.count + 511) / 512 * 512  // of the first sample
        for end in stride(from: members, to: whole.count - 1024 - 512, by: 97) {
            let scan = try await scan(["s.tar": Array(whole.prefix(end))])
            #expect(pairs(scan).first == ["s.tar/0.jpg", "caption of 0"], "\(end) bytes")
            #expect(scan.index.count == 1, "\(end) bytes")
            #expect(end == members || !scan.rejections.isEmpty, "\(end) bytes")
        }
        let scan = try await scan(["s.tar": Array(whole.prefix(members + 1024 + 512 + 100))])
        #expect(
            scan.rejectedRecords.contains { $0.cause == "1.jpg: the shard ends within its \(picture.count) bytes." }
        )
    }

    @Test("damage costs what it lies on: the walk goes on at the next header")
    func damaged() async throws {
        var bytes = shard(["0", "1", "2"])
        let size = 1024 + 512 + (picture.count + 511) / 512 * 512
        bytes[size + 3] ^= 0xFF  // the header of 1.txt
        let scan = try await scan(["s.tar": bytes])
        #expect(scan.index.samples.map(\.key) == ["s.tar/0.jpg", "s.tar/2.jpg"])
        #expect(scan.rejectedRecords.map(\.position) == [.offset(Int64(size))])
        #expect(scan.rejectedImages == [.init(key: "s.tar/1.jpg", reason: .noCaption)])
    }

    @Test("names that lead out, absurd sizes, bad numbers, doubles and lonely members are recorded")
    func hostile() async throws {
        var tar = TarArchive()
        tar.add("ok.jpg", picture)
        tar.add("ok.txt", "fine")
        tar.add("../../etc/cron.jpg", picture)
        tar.add("/etc/passwd.txt", "x")
        tar.add("ok.png", picture)
        tar.add("lonely.txt", "no picture")
        tar.add("bad.jpg", Array("no jpeg".utf8))
        tar.add("bad.txt", "x")
        tar.add("bad.cls", "twelve")
        tar.add("bad.json", "{")
        tar.addWithBinarySize("bomb.jpg", picture, size: 1 << 60)
        let scan = try await scan(["s.tar": tar.closed])
        #expect(pairs(scan) == [["s.tar/ok.jpg", "fine"]])
        let causes = scan.rejectedRecords.map(\.cause).joined(separator: "\n")
        for word in [
            "../../etc/cron.jpg", "/etc/passwd.txt", "a second picture", "lonely", "twelve", "1152921504606846976",
        ] {
            #expect(causes.contains(word == "twelve" ? "bad.cls: no whole number" : word), "\(causes)")
        }
        #expect(scan.rejectedImages.map(\.key) == ["s.tar/bad.jpg"])
        await #expect(throws: DatasetError.self) { try await self.scan(["s.tar": [0x1F, 0x8B] + picture]) }
    }

    @Test("captions of a shard are repaired and dropped as everywhere")
    func captions() async throws {
        var tar = TarArchive()
        for (name, text) in [
            ("a", Array("gr".utf8) + [0xFC]), ("b", [0x20]), ("c", [UInt8](repeating: 0x78, count: 70_000)),
        ] {
            tar.add(name + ".jpg", picture)
            tar.add(name + ".txt", text)
        }
        let scan = try await scan(["s.tar": tar.closed])
        #expect(scan.index.samples.map(\.captions.first?.utf8.count) == [5, 65_536])
        #expect(scan.rejectedImages == [.init(key: "s.tar/b.jpg", reason: .noCaption)])
        #expect(scan.warnings.count == 3)
    }

    @Test("classes without captions are a dataset too")
    func labels() async throws {
        var tar = TarArchive()
        for (name, label) in [("a", "3"), ("b", "-1")] {
            tar.add(name + ".jpg", picture)
            tar.add(name + ".cls", label)
        }
        let scan = try await scan(["s.tar": tar.closed])
        #expect(scan.index.samples.map(\.label) == [3, -1])
    }

    @Test("a pattern names shards as shells do")
    func pattern() async throws {
        let shards = [
            "t-008.tar": shard(["8"]), "t-009.tar": shard(["9"]), "t-010.tar": shard(["10"]), "u.tar": shard(["u"]),
        ]
        let scan = try await scan(shards, pattern: "t-{008..010}.tar")
        #expect(scan.index.samples.map(\.place?.file) == ["t-008.tar", "t-009.tar", "t-010.tar"])
        #expect(try await self.scan([:], pattern: "{u,t-009}.tar").index.count == 2)
        for pattern in ["t-{008..010.tar", "t}.tar", "{9..1}.tar", "{a..b}.tar", "../{0..1}.tar", "{0..9999999}.tar"] {
            await #expect(throws: DatasetError.self, "\(pattern)") { try await self.scan([:], pattern: pattern) }
        }
        await #expect(throws: DatasetError.notFound(key: "t-011.tar", root: folder.path)) {
            try await self.scan([:], pattern: "t-011.tar")
        }
    }

    @Test("over http the same index and pictures come by ranges, and never a whole shard")
    func http() async throws {
        let bytes = shard((0..<40).map { "\($0)" })
        let local = try await scan(["s.tar": bytes])
        let server = try TinyHTTPServer { request in
            guard request.path == "/data/s.tar", let range = request.header.firstMatch(of: /bytes=(\d+)-(\d+)/),
                let first = Int(range.1), let last = Int(range.2)
            else { return TinyHTTPServer.response("400 Bad Request") }
            guard first < bytes.count else { return TinyHTTPServer.response("416 Range Not Satisfiable") }
            return TinyHTTPServer.response("206 Partial Content", Array(bytes[first..<min(last + 1, bytes.count)]))
        }
        let root = try ImageRoot(server.address + "/data")
        let remote = try await WebDataset(root: root, shards: "s.tar").scan()
        #expect(remote.index == local.index)
        #expect(try await load(remote, root: root).allSatisfy { $0.width == 24 })
        await #expect(throws: DatasetError.self) { try await WebDataset(root: root).scan() }
    }

    @Test("a server without ranges is refused with what to do, not read as a whole")
    func httpWithoutRanges() async throws {
        let bytes = shard(["0"])
        let server = try TinyHTTPServer { _ in TinyHTTPServer.response("200 OK", bytes) }
        let error = await #expect(throws: DatasetError.self) {
            try await WebDataset(root: ImageRoot(server.address), shards: "s.tar").scan()
        }
        #expect(try #require(error).description.contains("knows ranges"))
        #expect(server.requestCount("/s.tar") == 1)
    }

    @Test("a shard that was cut after it was indexed is not the one indexed")
    func changed() async throws {
        let bytes = shard(["0"])
        let scan = try await scan(["s.tar": bytes])
        try folder.write(bytes.prefix(1600), to: "s.tar")
        let dataset = Dataset(index: scan.index, root: try ImageRoot(folder.path))
        await #expect(throws: DatasetError.self) { try await dataset.load(0) }
    }
}
