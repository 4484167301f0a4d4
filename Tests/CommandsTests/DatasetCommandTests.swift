import Datasets
import Foundation
import Images
import TestSupport
import Testing

@Suite("dataset")
struct DatasetCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func writeSprites() throws {
        for (noun, blue) in [("dog", 30), ("hot_air_balloon", 220)] as [(String, UInt8)] {
            let path = directory("sprites/\(noun)")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let bytes = (0..<900).flatMap { place in [90, 60, blue, place < 90 ? 0 : 255] as [UInt8] }
            let png = try PNGEncoder().encode(straight: bytes, width: 30, height: 30)
            try directory.write(png, to: "sprites/\(noun)/flat-1.png")
        }
    }

    @Test("the kind is told by the files, and each gives an index that can be checked")
    func index() async throws {
        let picture = try PNGEncoder().encode(Image(width: 40, height: 32, filledWith: Color(0x336699)))
        try directory.write(picture, to: "a.png")
        try directory.write(Array("image\tcaption\na.png\tone\ngone.png\ttwo\n".utf8), to: "pairs.tsv")
        var tar = TarArchive()
        tar.add("a.png", picture)
        tar.add("a.txt", "one")
        try directory.write(tar.closed, to: "s.tar")
        try writeSprites()
        let cases: [([String], DatasetIndex.Kind, Int)] = [
            (["--annotations", directory("pairs.tsv")], .pairs, 1),
            (["--shards", "s.tar"], .webDataset, 1),
            (["--kind", "scenes", "--size", "48"], .scenes, 0),
            (["--kind", "webdataset"], .webDataset, 1),
        ]
        for (arguments, kind, captions) in cases {
            let command = ["dataset", "index", "--images", directory.path, "-o", directory("index")]
            try await CommandLine.run(command + arguments)
            let index = try DatasetIndex.read(from: directory("index"))
            #expect(index.kind == kind && index.captionCount == captions)
            try await CommandLine.run("dataset", "check", directory("index"), "--images", directory.path)
        }
    }

    @Test("settings that do not fit together are refused before anything is read")
    func refused() {
        let root = directory.path
        #expect(CommandLine.refusal("dataset", "index", "--images", root, "--kind", "pairs").contains("annotations"))
        #expect(
            CommandLine.refusal("dataset", "index", "--images", root, "--image-column", "x").contains("image_column")
        )
        #expect(CommandLine.refusal("dataset", "index", "--images", root, "--kind", "scenes").contains("size"))
        let compose = ["dataset", "compose", "--root", root, "-o", root, "--count", "3"]
        for (option, value) in [("--count", "0"), ("--size", "2"), ("--difficulty", "1.5"), ("--quality", "0")] {
            let arguments = option == "--count" ? Array(compose.dropLast(2)) : compose
            #expect(CommandLine.refusal(arguments + [option, value]).contains("\(option) is \(value)"))
        }
    }

    @Test("composed scenes are written as pictures, grey masks and COCO, every noun equally often, twice the same")
    func compose() async throws {
        try writeSprites()
        func compose(to folder: String) async throws -> [UInt8] {
            try await CommandLine.run(
                "dataset",
                "compose",
                "--root",
                directory.path,
                "--count",
                "6",
                "--size",
                "48",
                "--seed",
                "9",
                "-o",
                directory(folder)
            )
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory(folder + "/scenes.json"))))
        }
        let first = try await compose(to: "one")
        #expect(try await compose(to: "two") == first)
        let root = try ImageRoot(directory("one/images"))
        let scan = try await COCODataset(annotationFile: directory("one/scenes.json"), root: root).scan()
        #expect(scan.index.count == 6 && scan.index.captionCount == 6 && scan.rejections.isEmpty)
        let mains = scan.index.samples.compactMap { $0.boxes.first?.categoryID }
        #expect(mains.count { $0 == 1 } == 3 && mains.count { $0 == 2 } == 3)
        #expect(scan.index.samples.contains { $0.captions[0].contains("hot air balloon") })
        let mask = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory("one/masks/000001.png"))))
        let values = try ImageDecoder.decode(bytes: mask)
        let header = try ImageDecoder.header(of: mask)
        #expect(header.componentCount == 1 && values.width == 48)
        let categories = Set(scan.index.samples[0].boxes.map(\.categoryID))
        let seen = Set((0..<48 * 48).map { values[$0 % 48, $0 / 48].red }).subtracting([0])
        #expect(Set(seen.map(Int64.init)) == categories)
    }
}
