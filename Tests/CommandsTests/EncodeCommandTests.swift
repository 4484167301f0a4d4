import Checkpoints
import Commands
import Evaluators
import Foundation
import Models
import OrderedCollections
import TestSupport
import Testing

@Suite struct EncodeCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try CommandLine.tinyDualWeights().write(to: directory("tiny.safetensors"))
    }

    private func encode(_ kind: String, _ more: String...) async throws -> Checkpoint {
        let arguments = ["encode", kind, "--model", "stillhouse-tiny", "--weights", directory("tiny.safetensors")]
        try await CommandLine.run(arguments + more + ["-o", directory("out.safetensors"), "--json"])
        return try Checkpoint.read(directory("out.safetensors"))
    }

    @Test("a picture becomes one unit vector")
    func image() async throws {
        let file = try await encode("image", CommandLine.sample("training/0001.jpg"))
        #expect(try file.tensor(named: "features").shape == [1, 32])
        let length = try file.floats(named: "features").reduce(0) { $0 + $1 * $1 }
        #expect(abs(length - 1) < 1e-4)
    }

    @Test("dense features have a row for each patch of the size asked for")
    func dense() async throws {
        let file = try await encode("dense", CommandLine.sample("training/0001.jpg"), "--size", "64")
        #expect(try file.tensor(named: "features").shape == [1, 8, 8, 32])
        #expect(try file.floats(named: "extents") == [6, 8])  // 320 × 240 pixels
    }

    @Test("dense features are read out as asked, and say how")
    func readouts() async throws {
        let picture = CommandLine.sample("training/0001.jpg")
        let usual = try await encode("dense", picture)
        #expect(usual.metadata["readout"] == "value-residual")
        let other = try await encode("dense", picture, "--readout", "kk", "--tail", "full", "--sigma", "2")
        #expect(other.metadata["readout"] == "kk/full/σ2")
        #expect(try other.floats(named: "features") != usual.floats(named: "features"))
        #expect(other.metadata["readout_sha256"] != usual.metadata["readout_sha256"])
        let stored = try await encode("dense", picture, "--readout", "kk/full/σ2")
        #expect(try stored.floats(named: "features") == other.floats(named: "features"))
        #expect(stored.metadata["readout_sha256"] == other.metadata["readout_sha256"])
        #expect(
            try await encode("dense", picture, "--readout", "kk", "--sigma", "off").metadata["readout"] == "kk/reduced"
        )
    }

    @Test(
        "a read-out that does not exist is refused with those that do",
        arguments: [
            (["kkk"], "value-residual"), (["vanilla", "--sigma", "5"], "only qq"), (["kk", "--sigma", "x"], "off"),
        ]
    )
    func unknownReadout(arguments: [String], hint: String) {
        let message = CommandLine.refusal(
            ["encode", "dense", "a.png", "--model", "m", "--weights", "w", "-o", "o", "--readout"] + arguments
        )
        #expect(message.contains(hint))
    }

    @Test("each box of each picture becomes one row")
    func regions() async throws {
        let pictures = ["0001.jpg", "0002.jpg"].map { CommandLine.sample("training/\($0)") }
        let file = try await encode("regions", pictures[0], pictures[1], "--boxes", "0,0,50,50", "10,10,80,60")
        #expect(try file.tensor(named: "features").shape == [4, 32])
        #expect(try file.tensor(named: "image_index").doubles == [0, 0, 1, 1])
        #expect(try file.floats(named: "boxes").prefix(8) == [0, 0, 50, 50, 10, 10, 80, 60])
    }

    @Test("a box that is turned inside out is refused")
    func reversedBox() {
        let message = CommandLine.refusal(
            "encode",
            "regions",
            "a.png",
            "--model",
            "m",
            "--weights",
            "w",
            "-o",
            "o",
            "--boxes",
            "50,0,0,50"
        )
        #expect(message.contains("50,0,0,50"))
    }

    @Test("texts of the arguments and of a file become unit vectors, in order")
    func text() async throws {
        try Data("a dog\r\n“A  CAT”\n".utf8).write(to: URL(filePath: directory("texts.txt")))
        let file = try await encode("text", "a cat", "--file", directory("texts.txt"))
        #expect(try file.tensor(named: "features").shape == [3, 32])
        #expect(file.metadata["texts"] == #"["a cat","a dog","“A  CAT”"]"#)
        let features = try file.floats(named: "features")
        for row in 0..<3 {
            #expect(abs(features[row * 32..<row * 32 + 32].reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
        }
        let alone = try await encode("text", "a cat").floats(named: "features")
        #expect(alone == Array(features[..<32]))
        let raw = try await encode("text", "a cat", "--raw").floats(named: "features")
        #expect(raw != alone)
    }

    @Test("a text without words, and a command without texts, are refused")
    func emptyText() async {
        await #expect(throws: ModelsError.emptyText("&nbsp;")) { try await encode("text", "a cat", "&nbsp;") }
        let message = CommandLine.refusal("encode", "text", "--model", "m", "--weights", "w", "-o", "o")
        #expect(message.contains("--file"))
    }

    @Test("class names in templates become what region evaluation reads", arguments: ["imagenet-80", "simple"])
    func classes(templates: String) async throws {
        _ = try await encode("classes", "--names", "cat, fire engine", "--templates", templates)
        let classes = try ClassEmbeddings(path: directory("out.safetensors"))
        #expect(classes.names == ["cat", "fire engine"] && classes.size == 32)
        try Data("cat\n\nfire engine\n".utf8).write(to: URL(filePath: directory("names.txt")))
        _ = try await encode("classes", "--names", directory("names.txt"), "--templates", templates)
        #expect(try ClassEmbeddings(path: directory("out.safetensors")) == classes)
        if templates == "simple" {
            let prompt = try await encode("text", "a photo of a cat.").floats(named: "features")
            for (a, b) in zip(prompt, classes.vectors) { #expect(abs(a - b) < 1e-6) }
        }
    }

    @Test("a set of templates that nobody ships is refused with those that are shipped")
    func unknownTemplates() async {
        let error = await #expect(throws: CommandFailure.self) {
            try await encode("classes", "--names", "cat", "--templates", "none")
        }
        #expect("\(String(describing: error))".contains("imagenet-80, maskclip-85, simple"))
    }
}
