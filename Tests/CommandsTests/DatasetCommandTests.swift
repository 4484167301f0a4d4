import ArgumentParser
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
            CommandLine.refusal("dataset", "index", "--images", root, "--image-column", "x").contains(
                "--image-column is x"
            )
        )
        #expect(CommandLine.refusal("dataset", "index", "--images", root, "--kind", "scenes").contains("size"))
        let segmentation = ["dataset", "index", "--images", root, "--layout"]
        #expect(CommandLine.refusal(segmentation + ["voc"]).contains("--classes is missing"))
        let classes = ["--classes", "voc-20"]
        #expect(CommandLine.refusal(segmentation.dropLast() + classes).contains("--layout is missing"))
        #expect(
            CommandLine.refusal(segmentation + ["voc", "--reduce-zero-label"] + classes).contains(
                "--reduce-zero-label is true"
            )
        )
        #expect(CommandLine.refusal(segmentation + ["panoptic"] + classes).contains("annotations"))
        #expect(CommandLine.refusal(segmentation + ["folders", "--ignore", "1,x"] + classes).contains("ignore"))
        let compose = ["dataset", "compose", "--root", root, "-o", root, "--count", "3"]
        for (option, value) in [("--count", "0"), ("--size", "2"), ("--difficulty", "1.5"), ("--quality", "0")] {
            let arguments = option == "--count" ? Array(compose.dropLast(2)) : compose
            #expect(CommandLine.refusal(arguments + [option, value]).contains("\(option) is \(value)"))
        }
    }

    @Test("composed scenes are written as pictures, indexed masks and COCO, every noun equally often, twice the same")
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
        let values = try ImageDecoder.indices(of: mask)
        #expect(values.width == 48 && values.palette == Color.labelPalette)
        let classes = Set(scan.index.samples[0].boxes.map { $0.categoryID - 1 })
        #expect(Set(values.indices.map(Int64.init)) == classes.union([255]))
        let table = try String(contentsOfFile: directory("one/labels.csv"), encoding: .utf8).split(separator: "\n")
        let names = ["dog", "hot air balloon"]
        #expect(table[0] == "image,label" && table.count == 7)
        for (index, row) in table.dropFirst().enumerated() {
            #expect(row == "images/00000\(index + 1).jpg,\(names[Int(mains[index]) - 1])")
        }
        try await checkLabels(values)
    }

    /// What was composed is a dataset of labelled pictures, with the list of classes beside it.
    private func checkLabels(_ mask: IndexedImage) async throws {
        let (root, index) = (directory("one"), directory("labels.index"))
        try await CommandLine.run(
            "dataset",
            "index",
            "--images",
            root,
            "--layout",
            "folders",
            "--labels",
            "masks",
            "--classes",
            root + "/classes.txt",
            "-o",
            index
        )
        try await CommandLine.run("dataset", "check", index, "--images", root)
        let labelled = Dataset(index: try DatasetIndex.read(from: index), root: try ImageRoot(root))
        #expect(labelled.count == 6 && labelled.index.classes?.names == ["dog", "hot air balloon"])
        guard case .loaded(let sample) = try await labelled.load(0) else {
            Issue.record("a composed scene is good")
            return
        }
        #expect(sample.labels?.values.map(UInt16.init) == mask.indices)
        let damaged = try PNGEncoder().encode(indices: [2, 0], width: 2, height: 1)
        try directory.write(damaged, to: "one/masks/000001.png")
        await #expect(throws: ExitCode.self) {
            try await CommandLine.run("dataset", "check", index, "--images", root)
        }
    }
}
