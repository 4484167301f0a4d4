import Checkpoints
import Foundation
import OrderedCollections
import TestSupport
import OrderedCollections
import Testing

@Suite(.temporaryDatabase(.migrated)) struct EvaluateTests {
    /// Captions of the samples' first pictures: two of them alike, one picture with three.
    private static let captions: [(picture: Int, text: String)] = [
        (1, "a plate on a table"), (2, "two cups beside a book"), (1, "a white plate"), (3, "a clock"),
        (4, "a lamp and a chair, seen from above"), (5, "a plate on a table"), (2, "cups"), (6, "Ein Apfel: 🍎"),
        (2, "what somebody left after breakfast"), (7, "keys"),
    ]

    private static func name(_ picture: Int) -> String { "000\(picture).jpg" }

    /// Runs a command that succeeds, and returns what it printed.
    private func run(_ fleet: Fleet, _ arguments: [String]) async throws -> String {
        let process = try fleet.start(arguments)
        #expect(await process.exitStatus() == 0, "\(arguments): \(process.text)")
        return process.text
    }

    /// The JSON document behind the lines of progress.
    private func result<R: Decodable>(_ type: R.Type, _ fleet: Fleet, _ arguments: [String]) async throws -> R {
        let text = try await run(fleet, arguments + ["--json"])
        let start = try #require(text.firstIndex(of: "{"), "\(text)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(text[start...].utf8))
    }

    /// Rows of a file of features.
    private func rows(_ path: String, _ tensor: String = "features") throws -> [[Float]] {
        let file = try Checkpoint.read(path)
        let found = try #require(file.tensors[tensor])
        let (count, size) = (found.shape[0], found.shape[1])
        let values = try found.floats()
        return (0..<count).map { Array(values[$0 * size..<($0 + 1) * size]) }
    }

    private func product(_ left: [Float], _ right: [Float]) -> Double {
        zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    /// A run of both towers at random, its weights as a file, and the arguments that name that file.
    private func weights(_ fleet: Fleet) async throws -> [String] {
        _ = try await fleet.createPairsRun("towers")
        let path = fleet.file("towers.safetensors")
        _ = try await run(fleet, ["weights", "pull", "towers", "--output", path])
        return ["--weights", path, "--model", fleet.file("towers.json")]
    }

    private struct Weights: Decodable, Equatable {
        var file: String?
        var run: String?
        var version: Int?
        var role: String?
    }

    private struct Unusable: Decodable, Equatable {
        var key: String
        var reason: String
    }

    private struct Retrieval: Decodable, Equatable {
        struct Recall: Decodable, Equatable {
            var queries: Int
            var r1: Double
            var r5: Double
            var r10: Double
            var medianRank: Double

            init(_ ranks: [Int]) {
                func share(_ depth: Int) -> Double { Double(ranks.count { $0 <= depth }) / Double(ranks.count) }
                let sorted = ranks.sorted()
                queries = ranks.count
                (r1, r5, r10) = (share(1), share(5), share(10))
                medianRank = Double(sorted[(ranks.count - 1) / 2] + sorted[ranks.count / 2]) / 2
            }
        }

        var weights: Weights
        var prepare: String
        var images: Int
        var captions: Int
        var imageToText: Recall
        var textToImage: Recall
        var unusable: [Unusable]
    }

    @Test("retrieval by a run's version, by its file, and worked out from encoded features is the same")
    func retrieval() async throws {
        let fleet = try await Fleet()
        let file = try await weights(fleet)
        let images = fleet.samples + "/training"
        let table = fleet.file("captions.tsv")
        let lines = ["image\tcaption", "gone.jpg\tnobody"] + Self.captions.map { "\(Self.name($0))\t\($1)" }
        try lines.joined(separator: "\n").write(toFile: table, atomically: true, encoding: .utf8)
        let data = ["--pairs", table, "--images", images, "--batch", "3", "--text-batch", "4"]
        var found = try await result(Retrieval.self, fleet, ["evaluate", "retrieval"] + file + data)
        #expect((found.images, found.captions, found.prepare) == (7, 10, "crop"))
        #expect(found.unusable.map(\.key) == ["gone.jpg"])

        let pictures = (1...7).map { "\(images)/\(Self.name($0))" }
        let (left, right) = (fleet.file("images.safetensors"), fleet.file("texts.safetensors"))
        _ = try await run(fleet, ["encode", "image", "--prepare", "crop", "-o", left] + file + pictures)
        _ = try await run(fleet, ["encode", "text", "-o", right] + file + Self.captions.map(\.text))
        let (imageRows, textRows) = (try rows(left), try rows(right))
        let owners = Self.captions.map { $0.picture - 1 }
        let imageRanks = imageRows.indices.map { image in
            let best = owners.indices.filter { owners[$0] == image }.map { product(imageRows[image], textRows[$0]) }
                .max()
            // A caption that stands there twice is as near both times.
            return 1
                + owners.indices.count {
                    owners[$0] != image && product(imageRows[image], textRows[$0]) > (best ?? 0) - 1e-7
                }
        }
        let textRanks = owners.indices.map { text in
            1
                + imageRows.indices.count {
                    $0 != owners[text]
                        && product(imageRows[$0], textRows[text]) >= product(imageRows[owners[text]], textRows[text])
                }
        }
        #expect(found.imageToText == Retrieval.Recall(imageRanks))
        #expect(found.textToImage == Retrieval.Recall(textRanks))

        for role in ["student", "teacher"] {
            let arguments = ["evaluate", "retrieval", "--run", "towers", "--version", "0", "--role", role]
            let ofRun = try await result(Retrieval.self, fleet, arguments + data)
            // The teacher of version 0 is the student.
            #expect(ofRun.weights == Weights(run: "towers", version: 0, role: role))
            found.weights = ofRun.weights
            #expect(found == ofRun)
        }
        let text = try await run(fleet, ["evaluate", "retrieval", "--run", "towers"] + data)
        #expect(text.contains("run towers, version 0, student; pictures prepared by crop"), "\(text)")
        #expect(text.contains("left out: gone.jpg: not found"), "\(text)")
        try fleet.remove()
    }

    private struct Classification: Decodable, Equatable {
        struct Class: Decodable, Equatable {
            var name: String
            var images: Int
            var top1: Int
        }

        var images: Int
        var classes: Int
        var choices: Int
        var top1: Double
        var top5: Double
        var classMeanTop1: Double
        var perClass: [Class]
        var unusable: [Unusable]
    }

    /// A folder a class, with pictures of the samples, and one file that is none.
    private func folders(_ fleet: Fleet, _ classes: [(name: String, pictures: ClosedRange<Int>)]) throws -> String {
        let root = fleet.file("classes")
        for (name, pictures) in classes {
            try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
            for picture in pictures {
                try FileManager.default.copyItem(
                    atPath: "\(fleet.samples)/training/\(Self.name(picture))",
                    toPath: "\(root)/\(name)/\(Self.name(picture))"
                )
            }
        }
        try "no picture".write(toFile: "\(root)/\(classes[0].name)/broken.jpg", atomically: true, encoding: .utf8)
        return root
    }

    @Test("classification is what encoded pictures and classes make of it, with embeddings from a file or on the spot")
    func classification() async throws {
        let fleet = try await Fleet()
        let file = try await weights(fleet)
        let classes: [(name: String, pictures: ClosedRange<Int>)] = [
            ("alarm_clock", 1...3), ("cup", 4...4), ("kitchen_table", 5...9),
        ]
        let root = try folders(fleet, classes)
        let names = ["alarm clock", "cup", "kitchen table"]
        let embeddings = fleet.file("embeddings.safetensors")
        let encode = ["encode", "classes", "--names", names.joined(separator: ","), "--templates", "simple"]
        _ = try await run(fleet, encode + ["-o", embeddings] + file)
        let command = ["evaluate", "classification", "--images", root] + file
        let found = try await result(Classification.self, fleet, command + ["--classes", embeddings, "--batch", "2"])

        let labels = classes.indices.flatMap { label in classes[label].pictures.map { _ in label } }
        let pictures = classes.flatMap { folder in folder.pictures.map { "\(root)/\(folder.name)/\(Self.name($0))" } }
        let features = fleet.file("images.safetensors")
        _ = try await run(fleet, ["encode", "image", "--prepare", "crop", "-o", features] + file + pictures)
        let (imageRows, classRows) = (try rows(features), try rows(embeddings, "embeddings"))
        let right = zip(imageRows, labels).map { row, label in
            classRows.indices.max { product(row, classRows[$0]) < product(row, classRows[$1]) } == label
        }
        let hits = names.indices.map { label in zip(right, labels).count { $0 && $1 == label } }
        let counts = classes.map(\.pictures.count)
        #expect((found.images, found.classes, found.choices) == (9, 3, 3))
        #expect(found.top1 == Double(hits.reduce(0, +)) / 9 && found.top5 == 1)
        let mean = zip(hits, counts).reduce(0) { $0 + Double($1.0) / Double($1.1) } / 3
        #expect(abs(found.classMeanTop1 - mean) < 1e-12)
        #expect(found.perClass.map(\.name) == names && found.perClass.map(\.top1) == hits)
        #expect(found.unusable.map(\.key) == ["alarm_clock/broken.jpg"])

        #expect(try await result(Classification.self, fleet, command + ["--templates", "simple"]) == found)
        let table = fleet.file("labels.csv")
        let rows = zip(pictures, labels).map { "\($0.dropFirst(root.count + 1)),\(names[$1])" }
        try (["path,species"] + rows).joined(separator: "\n").write(toFile: table, atomically: true, encoding: .utf8)
        let columns = ["--labels", table, "--label-column", "species", "--classes", embeddings]
        var ofTable = try await result(Classification.self, fleet, command + columns)
        ofTable.unusable = found.unusable
        #expect(ofTable == found)
        let text = try await run(fleet, command + ["--templates", "simple", "--per-class"])
        #expect(text.contains("9 pictures of 3 classes, 3 choices; 1 pictures left out"), "\(text)")
        #expect(text.contains(/kitchen table +5 +\d/), "\(text)")
        try fleet.remove()
    }

    private struct Regions: Decodable, Equatable {
        struct Reading: Decodable, Equatable {
            var size: Int
            var images: Int
            var regions: Int
            var meanCosine: Double
            var retrievalTop1: Double
        }

        var weights: Weights
        var readings: [Reading]
    }

    @Test("regions of a run's version in two sizes, and of its file in one after the other, are the same")
    func regions() async throws {
        let fleet = try await Fleet()
        let file = try await weights(fleet)
        let command = [
            "evaluate", "regions", "--annotations", fleet.samples + "/held-out.json", "--images",
            fleet.samples + "/held-out", "--regions-per-image", "2",
        ]
        let ofRun = try await result(Regions.self, fleet, command + ["--run", "towers", "--size", "32", "64"])
        #expect(ofRun.weights == Weights(run: "towers", version: 0, role: "student"))
        #expect(ofRun.readings.map(\.size) == [32, 64])
        #expect(ofRun.readings.map(\.images) == [32, 32])
        #expect(ofRun.readings[0].meanCosine != ofRun.readings[1].meanCosine)
        for reading in ofRun.readings {
            let ofFile = try await result(Regions.self, fleet, command + file + ["--size", "\(reading.size)"])
            #expect(ofFile == Regions(weights: Weights(file: file[1]), readings: [reading]))
        }
        // The recipe's whole pictures have 32 pixels.
        let text = try await run(fleet, command + ["--run", "towers"])
        #expect(text.contains("run towers, version 0, student"), "\(text)")
        #expect(text.contains("of 32 pictures, read at 32 px"), "\(text)")
        try fleet.remove()
    }

    @Test("what cannot be measured is refused with the reason")
    func refusals() async throws {
        let fleet = try await Fleet()
        let file = try await weights(fleet)
        let root = try folders(fleet, [("alarm_clok", 1...2)])
        let embeddings = fleet.file("embeddings.safetensors")
        let encode = ["encode", "classes", "--names", "alarm clock,cup", "--templates", "simple", "-o", embeddings]
        _ = try await run(fleet, encode + file)
        let table = fleet.file("pairs.tsv")
        try "picture\tcaption\n".write(toFile: table, atomically: true, encoding: .utf8)
        let classification = ["evaluate", "classification", "--images", root, "--classes", embeddings]
        let folder = ["--set", "data.kind=folder", "--set", "data.annotations=null"]
        let coco = ["--annotations", fleet.samples + "/held-out.json", "--images", fleet.samples + "/held-out"]
        let cases: [([String], String)] = [
            (classification + file, "alarm_clok (meant: alarm clock?)"),
            (classification, "Give either --weights or --run."),
            (["evaluate", "classification", "--labels", table] + file, "Set --image-column"),
            (["evaluate", "retrieval", "--pairs", table] + file, "Set --image-column"),
            (["evaluate", "retrieval", "--recipe", "clipself-tiny"] + file + folder, "has no captions"),
            (["evaluate", "retrieval"] + file, "Give one of --pairs"),
            (["evaluate", "regions", "--run", "towers"], "No pictures are named."),
            (["evaluate", "regions", "--size", "32", "33"] + file + coco, "33"),
            (["evaluate", "retrieval", "--pairs", table, "--run", "towers", "--version", "3"], "has no version 3"),
        ]
        for (arguments, reason) in cases {
            let process = try fleet.start(arguments)
            #expect(await process.exitStatus() == 64, "\(arguments): \(process.text)")
            #expect(process.text.contains(reason), "\(arguments): \(process.text)")
        }
        try fleet.remove()
    }
}
