import Checkpoints
import OrderedCollections
import TestSupport
import Testing

@Suite struct EncodeCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try CommandLine.writeTinyWeights(to: directory("tiny.safetensors"))
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
}
