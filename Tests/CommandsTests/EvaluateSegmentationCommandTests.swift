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

    /// What the command says where it fails.
    private func complaint(_ more: String...) async -> String {
        let arguments = [
            "evaluate", "segmentation", "--model", "stillhouse-tiny", "--weights", directory("tiny.safetensors"),
            "--images", directory.path, "--layout", "folders", "--templates", "simple", "--json",
        ]
        do {
            try await CommandLine.run(arguments + more)
            return "it went well"
        } catch {
            return "\(error)"
        }
    }

    /// What label files may be instead, with what is said of the first.
    private enum Fault: String, CaseIterable {
        case small = "labels/0.png: 20 × 20 pixels, its picture has 64 × 48"
        case value = "labels/0.png: the value 9 at column 5, row 0 is no class of the list"
        case colours = "labels/0.png: a PNG of colours, not of indices"
        case lossy = "labels/0.png: a JPEG of colours, not of indices"
        case cut = "labels/0.png: the PNG ends too early"
        case text = "labels/0.png: neither JPEG nor PNG"

        func bytes(width: Int, height: Int) throws -> [UInt8] {
            func indices(_ width: Int, _ height: Int, _ odd: UInt8 = 0) throws -> [UInt8] {
                let values = (0..<width * height).map { $0 == 5 ? odd : UInt8($0 % 3) }
                return try PNGEncoder().encode(indices: values, width: width, height: height)
            }
            let picture = Image(width: width, height: height, filledWith: .white)
            switch self {
            case .small: return try indices(20, 20)
            case .value: return try indices(width, height, 9)
            case .colours: return try PNGEncoder().encode(picture)
            case .lossy: return try JPEGEncoder().encode(picture)
            case .cut: return try indices(width, height).dropLast(30)
            case .text: return Array("class map".utf8)
            }
        }
    }

    @Test("label files that do not fit are told with file and cause; where one is good, it is measured without them")
    func badLabels() async throws {
        let names = directory("names.txt")
        for fault in Fault.allCases {
            try directory.write(fault.bytes(width: 64, height: 48), to: "labels/0.png")
            try await evaluate("--classes", names)
        }
        for fault in Fault.allCases {
            try directory.write(fault.bytes(width: 64, height: 48), to: "labels/0.png")
            try directory.write(fault.bytes(width: 40, height: 40), to: "labels/1.png")
            let text = await complaint("--classes", names)
            #expect(text.contains(fault.rawValue) && text.contains("2 left out"), "\(fault): \(text)")
        }
    }

    @Test("names that are empty, given twice or too long are told with their place before any picture is looked at")
    func badNames() async throws {
        let long = (0..<40).map { "word\($0)" }.joined(separator: " ")
        for (text, message) in [
            ("cat\ndog;\ngrass\n", "line 2: a name is empty"),
            ("cat\n\ndog; Cat\ngrass\n", "\"cat\" stands in line 1 and in line 3"),
            ("# nothing\n", "it names no class"), ("cat\n\(long)\ngrass\n", "Shorten it"),
            // These two would not fit the labels either; what lies in the list is told first.
            ("cat\n\(long)\n", "The text \"a photo of a word0 word1"), ("cat\n", "the only class"),
        ] {
            try directory.write(Array(text.utf8), to: "bad.txt")
            let found = await complaint("--classes", directory("bad.txt"))
            #expect(found.contains(message), "\(found)")
        }
    }

    @Test("a layout of unknown classes needs a list")
    func needsList() {
        let message = CommandLine.refusal(
            ["evaluate", "segmentation", "--model", "m", "--weights", "w", "--images", "x", "--layout", "folders"]
        )
        #expect(message.contains("--classes is missing"))
    }
}
