import Configs
import Foundation
import Testing

@Suite("Presets")
struct PresetsTests {
    @Test("the embedded templates are the files of the folder, byte for byte")
    func templates() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Configs/templates").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(Set(Presets.templates.keys) == Set(files.map { $0.deletingPathExtension().lastPathComponent }))
        for file in files {
            let name = file.deletingPathExtension().lastPathComponent
            #expect(Presets.templates[name] == (try String(contentsOf: file, encoding: .utf8)), "\(name)")
        }
    }

    @Test("the embedded models are the files of the folder, byte for byte")
    func models() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Configs/models").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(Set(Presets.models.keys) == Set(files.map { $0.deletingPathExtension().lastPathComponent }))
        for file in files {
            let name = file.deletingPathExtension().lastPathComponent
            #expect(Presets.models[name] == Array(try Data(contentsOf: file)), "\(name)")
        }
    }
}
