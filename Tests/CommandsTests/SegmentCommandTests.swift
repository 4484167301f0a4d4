import Checkpoints
import Commands
import Configs
import Datasets
import Evaluators
import Foundation
import Images
import Layers
import Models
import TestSupport
import Tensors
import Testing

@Suite struct SegmentCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try CommandLine.tinyDualWeights().write(to: directory("tiny.safetensors"))
    }

    private func segment(_ more: String...) async throws { try await segment(more) }

    private func segment(_ more: [String]) async throws {
        let arguments = ["segment", "--model", "stillhouse-tiny", "--weights", directory("tiny.safetensors")]
        try await CommandLine.run(arguments + more + ["-o", directory("out"), "--json"])
    }

    private func image(_ name: String) throws -> Image {
        try ImageDecoder.decode(bytes: [UInt8](Data(contentsOf: URL(filePath: directory("out/\(name)")))))
    }

    private func note(_ stem: String) throws -> Note {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            Note.self,
            from: Data(contentsOf: URL(filePath: directory("out/\(stem)-labels.json")))
        )
    }

    private struct Note: Decodable {
        struct Entry: Decodable {
            let id: Int
            let name: String
            let color: String
            let share: Double
            let gate: Double?
        }

        struct Made: Decodable {
            let readout: String
            let texts: String
            let classListSha256: String
            let size: String
            let gate: Bool
            let encoderMismatch: Bool
        }

        let classes: [Entry]
        let none: Int
        let noneShare: Double
        let made: Made
        let command: String
    }

    @Test("a picture becomes an overlay, a label map of its own size and a note that explains both")
    func oneGives3() async throws {
        let picture = CommandLine.sample("training/0001.jpg")
        try await segment(picture, "--classes", "cat, Dog; hound,grass", "--templates", "simple", "--readout", "kk")
        let files = try FileManager.default.contentsOfDirectory(atPath: directory("out")).sorted()
        #expect(files == ["0001-labels.json", "0001-labels.png", "0001-overlay.png"])
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: directory("out/0001-labels.png"))))
        let labels = try ImageDecoder.indices(of: bytes)
        #expect((labels.width, labels.height) == (320, 240))
        #expect(labels.indices.allSatisfy { $0 < 3 })
        let note = try note("0001")
        #expect(note.classes.map(\.name) == ["cat", "dog", "grass"])
        #expect(note.classes.map(\.color) == ["#800000", "#008000", "#808000"])
        for entry in note.classes {
            let count = labels.indices.count { Int($0) == entry.id }
            #expect(abs(entry.share - Double(count) / (320 * 240)) < 1e-9)
        }
        #expect(note.none == 255 && note.noneShare == 0)
        #expect(note.made.readout == "kk" && note.made.texts == "templates simple" && note.made.size == "whole")
        let list = try ClassList(names: ["cat", "dog;hound", "grass"], source: "x")
        #expect(note.made.classListSha256 == list.digestText)
        let overlay = try image("0001-overlay.png")
        #expect(overlay.width > 320 && overlay.height >= 240)
    }

    @Test("several pictures also make a sheet, and two of one name overwrite nothing")
    func sheet() async throws {
        let picture = CommandLine.sample("training/0001.jpg")
        try await segment(picture, picture, "--classes", "cat,dog", "--templates", "simple", "--threshold", "0.999")
        let files = Set(try FileManager.default.contentsOfDirectory(atPath: directory("out")))
        #expect(files.isSuperset(of: ["sheet.png", "0001-overlay.png", "0001-2-overlay.png", "0001-2-labels.json"]))
        #expect(try image("sheet.png").width > 640)
    }

    @Test("one text becomes a map of where the picture is like it")
    func heat() async throws {
        try await segment(CommandLine.sample("training/0001.jpg"), "--text", "a red ball", "--window", "64")
        let files = try FileManager.default.contentsOfDirectory(atPath: directory("out"))
        #expect(files == ["0001-heat.png"])
        #expect(try image("0001-heat.png").width > 320)
    }

    @Test("trained prompts take the place of templates, for their own encoder and read-out only")
    func prompts() async throws {
        let (picture, backend) = (CommandLine.sample("training/0001.jpg"), CPUBackend(threadCount: 1))
        let model = try ModelConfiguration(json: #require(Presets.models["stillhouse-tiny"]))
        let text = try model.textTower()
        let wanted = try VisionTransformer.parameters(of: model.vision) + TextTransformer.parameters(of: text)
        let weights = try CommandLine.tinyDualWeights()
        let tree = try ModelWeights(weights, named: "tiny", for: wanted, on: backend).parameters
        let encoder = try EncoderDigest.digest(of: tree, vision: model.vision, text: text)
        func write(_ encoder: Digest, to name: String) throws {
            let prompts = SegmentationPrompts(
                contexts: (0..<3 * 2 * text.width).map { Float($0 % 7) / 10 - 0.3 },
                count: 2,
                length: 2,
                width: text.width,
                logScale: 3,
                logGateTemperature: -2,
                facts: SegmentationPrompts.Facts(
                    isGated: true,
                    gateSharpness: 100,
                    readout: "qq",
                    encoder: encoder,
                    tokenizer: CLIPTokenizer.digest,
                    classList: "",
                    origin: ["run": "x", "step": "7"]
                )
            )
            try prompts.checkpoint.write(to: directory(name))
        }
        try write(encoder, to: "own.safetensors")
        try await segment(picture, "--classes", "cat,dog", "--prompts", directory("own.safetensors"))
        let made = try note("0001")
        #expect(made.made.texts == "prompts of run x, version 7" && made.made.readout == "qq" && made.made.gate)
        #expect(made.classes.allSatisfy { ($0.gate ?? -1) > 0 && ($0.gate ?? 2) < 1 })
        #expect(!made.made.encoderMismatch)
        let other = ["--classes", "cat,dog", "--prompts", directory("own.safetensors"), "--readout", "kk"]
        await #expect(throws: CommandFailure.self) { try await segment([picture] + other) }
        try await segment([picture] + other + ["--allow-encoder-mismatch"])
        #expect(try note("0001").made.encoderMismatch)
        try write(Digest(of: [1]), to: "other.safetensors")
        await #expect(throws: ModelsError.self) {
            try await segment(picture, "--classes", "cat,dog", "--prompts", directory("other.safetensors"))
        }
    }

    @Test("one class alone is refused with the way out, unless something says what is background")
    func oneClass() async throws {
        let picture = CommandLine.sample("training/0001.jpg")
        let error = await #expect(throws: EvaluatorsError.oneClass("cat")) {
            try await segment(picture, "--classes", "cat")
        }
        #expect(error?.description.contains("background") == true)
        try await segment(picture, "--classes", "cat", "--background", "wall, floor", "--templates", "simple")
    }

    @Test(
        "names that are empty, given twice, too long, or background and class at once, are refused",
        arguments: ["cat,,dog", "cat, dog, CAT", "cat, dog; cat", ""]
    )
    func names(classes: String) async {
        let picture = CommandLine.sample("training/0001.jpg")
        await #expect(throws: DatasetError.self) { try await segment(picture, "--classes", classes) }
        await #expect(throws: CommandFailure.self) {
            try await segment(picture, "--classes", "cat, dog", "--background", "sky, dog")
        }
        let long = (0..<90).map { "word\($0)" }.joined(separator: " ")
        await #expect(throws: ModelsError.self) { try await segment(picture, "--classes", "cat, \(long)") }
    }

    @Test("a strip of one pixel, and a file that is no picture, are refused")
    func pictures() async throws {
        let strip = Image(width: 1, height: 5000, filledWith: .white)
        try directory.write(PNGEncoder().encode(strip), to: "strip.png")
        let good = CommandLine.sample("training/0001.jpg")
        let flat = Image(width: 500, height: 7, filledWith: .white)
        try directory.write(PNGEncoder().encode(flat), to: "flat.png")
        for (name, size) in [("strip.png", "1 × 5000"), ("flat.png", "500 × 7")] {
            let arguments = [good, directory(name), "--classes", "cat, dog", "--templates", "simple"]
            let failure = await #expect(throws: CommandFailure.self) { try await segment(arguments) }
            let text = "\(failure.map { "\($0)" } ?? "")"
            #expect(text.contains("\(name): A picture of \(size) pixels") && text.contains("at least 8"), "\(text)")
        }
        // Nothing is written before all pictures are known to be usable.
        #expect(!FileManager.default.fileExists(atPath: directory("out/0001-overlay.png")))
        try directory.write([1, 2, 3], to: "no.png")
        await #expect(throws: CommandFailure.self) { try await segment(directory("no.png"), "--classes", "cat, dog") }
    }

    @Test("a long strip is segmented whole, and refused by a rule that would blow it up")
    func longStrip() async throws {
        let strip = Image(width: 10, height: 3000, filledWith: Color(0x336699))
        try directory.write(PNGEncoder().encode(strip), to: "long.png")
        let names = ["--classes", "cat, dog", "--templates", "simple"]
        try await segment([directory("long.png")] + names)
        #expect(FileManager.default.fileExists(atPath: directory("out/long-labels.png")))
        for more in [names, ["--text", "a cat"]] {
            let arguments = [directory("long.png"), "--size", "short:512"] + more
            let failure = await #expect(throws: CommandFailure.self) { try await segment(arguments) }
            let text = "\(failure.map { "\($0)" } ?? "")"
            #expect(text.contains("long.png: Sized by short:512") && text.contains("short:512,2048"), "\(text)")
        }
    }

    @Test(
        "choices that exclude each other are refused",
        arguments: [
            ([], "one of"), (["--classes", "a,b", "--text", "c"], "one of"),
            (["--classes", "a,b", "--stride", "8"], "--window"),
            (["--classes", "a,b", "--window", "64", "--denoise"], "--window"),
            (["--classes", "a,b", "--threshold", "0.5", "--background", "c"], "one of"),
            (["--classes", "a,b", "--threshold", "1.5"], "between"),
            (["--classes", "a,b", "--threshold", "0.5", "--smooth", "cosine"], "--smooth"),
            (["--classes", "a,b", "--size", "short"], "--size"), (["--text", "a", "--denoise"], "refinements"),
            (["--text", "a", "--templates", "simple"], "templates"),
            (["--classes", "a,b", "--prompts", "p", "--scale", "3"], "--templates"),
        ]
    )
    func excluded(arguments: [String], hint: String) {
        let message = CommandLine.refusal(["segment", "a.png", "--model", "m", "--weights", "w"] + arguments)
        #expect(message.contains(hint), "\(message)")
    }

    @Test("files are called after their pictures, none twice")
    func stems() {
        #expect(OutputStems.stems(of: ["a/x.jpg", "b/x.png", "x-2.png", "x.jpg"]) == ["x", "x-2", "x-2-2", "x-3"])
    }
}
