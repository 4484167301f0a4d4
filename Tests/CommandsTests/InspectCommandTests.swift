import Foundation
import Images
import TestSupport
import Testing

@Suite struct InspectCommandTests {
    @Test("a sample is drawn as pictures that can be read again, with a sheet of all")
    func pictures() async throws {
        let directory = try TemporaryDirectory()
        try await CommandLine.run([
            "inspect", "--recipe", "quickstart", "--set", "data.annotations=\(CommandLine.sample("training.json"))",
            "--images", CommandLine.sample("training"), "--sample", "5", "-o", directory.path, "--json",
        ])
        #expect(try directory.names() == ["5-crops.png", "5-sheet.png", "5-student.png"])
        let bytes = try #require(FileManager.default.contents(atPath: directory("5-sheet.png")))
        #expect(try ImageDecoder.decode(bytes: [UInt8](bytes)).width > 768)
    }
}
