import Foundation
import Images
import TestSupport
import Testing

@Suite struct InspectCommandTests {
    @Test("a sample is drawn as pictures that can be read again, with a sheet of all")
    func pictures() async throws {
        let directory = try TemporaryDirectory()
        try await CommandLine.run([
            "inspect", "--recipe", "clipself-tiny", "--set", "data.annotations=\(CommandLine.sample("training.json"))",
            "--images", CommandLine.sample("training"), "--sample", "5", "-o", directory.path, "--json",
        ])
        #expect(try directory.names() == ["5-crops.png", "5-sheet.png", "5-student.png"])
        let bytes = try #require(FileManager.default.contents(atPath: directory("5-sheet.png")))
        #expect(try ImageDecoder.decode(bytes: [UInt8](bytes)).width > 768)
    }

    @Test("a scene is drawn as the update sees it, easy at first and harder later")
    func scenes() async throws {
        func student(update: Int) async throws -> [UInt8] {
            let directory = try TemporaryDirectory()
            try await CommandLine.run([
                "inspect", "--recipe", "clipself-tiny", "--set", "data.kind=scenes", "--set", "data.annotations=null",
                "--set", "data.scenes={size: 96, difficulty: [[0, 0], [10, 1]]}",
                "--images", CommandLine.sample("desk/train"), "--sample", "5", "--update", "\(update)",
                "-o", directory.path,
            ])
            return [UInt8](try #require(FileManager.default.contents(atPath: directory("5-student.png"))))
        }
        let easy = try await student(update: 0)
        #expect(try await student(update: 0) == easy)
        #expect(try await student(update: 10) != easy)
        #expect(CommandLine.refusal("inspect", "--recipe", "r", "--sample", "1", "--update", "-1").contains("update"))
    }
}
