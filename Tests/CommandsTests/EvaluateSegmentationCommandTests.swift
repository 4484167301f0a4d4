import Checkpoints
import Commands
import Datasets
import Evaluators
import Foundation
import Images
import TestSupport
import Testing

@Suite struct EvaluateSegmentationCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try CommandLine.tinyDualWeights().write(to: directory("tiny.safetensors"))
        try directory.write(Array("cat\ndog; hound\ngrass | unseen\n".utf8), to: "names.txt")
        for (index, (width, height)) in [(64, 48), (40, 40)].enumerated() {
            let picture = Image(width: width, height: height, filledWith: Color(index == 0 ? 0x804020 : 0x20A040))
            try directory.write(PNGEncoder().encode(picture), to: "images/\(index).png")
            let labels = (0..<width * height).map { UInt8($0 % 4 == 3 ? 255 : $0 % 4) }
            let encoded = try PNGEncoder().encode(indices: labels, width: width, height: height)
            try directory.write(encoded, to: "labels/\(index).png")
        }
    }

    private func evaluate(_ more: String...) async throws {
        let arguments = [
            "evaluate", "segmentation", "--model", "stillhouse-tiny", "--weights", directory("tiny.safetensors"),
            "--images", directory.path, "--layout", "folders", "--templates", "simple", "--json",
        ]
        try await CommandLine.run(arguments + more)
    }

    @Test("a folder of pictures and labels is scored, whole and in windows")
    func folders() async throws {
        let names = directory("names.txt")
        try await evaluate("--classes", names)
        try await evaluate("--classes", names, "--window", "32", "--readout", "qq+kk", "--size", "long:48")
        try await evaluate("--classes", names, "--background", "sky", "--smooth", "reference", "--denoise")
    }

    @Test("a list that has fewer classes than the labels makes no figure")
    func surplusLabels() async throws {
        try directory.write(Array("cat\ndog\n".utf8), to: "two.txt")
        await #expect(throws: DatasetError.self) { try await evaluate("--classes", directory("two.txt")) }
    }

    @Test("one class without a rule for background is refused")
    func oneClass() async throws {
        try directory.write(Array("cat\n".utf8), to: "one.txt")
        for name in ["0", "1"] {
            let side = name == "0" ? (64, 48) : (40, 40)
            let labels = [UInt8](repeating: 0, count: side.0 * side.1)
            let encoded = try PNGEncoder().encode(indices: labels, width: side.0, height: side.1)
            try directory.write(encoded, to: "labels/\(name).png")
        }
        await #expect(throws: EvaluatorsError.oneClass("cat")) { try await evaluate("--classes", directory("one.txt")) }
    }

    @Test("a layout of unknown classes needs a list")
    func needsList() {
        let message = CommandLine.refusal(
            ["evaluate", "segmentation", "--model", "m", "--weights", "w", "--images", "x", "--layout", "folders"]
        )
        #expect(message.contains("classes"))
    }
}
