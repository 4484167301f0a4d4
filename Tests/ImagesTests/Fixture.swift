import Foundation
import Images
import Testing

/// Files written by Fixtures/make_image_fixtures.py.
enum Fixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    static func expected(_ name: String) throws -> Image {
        try ImageDecoder.decode(bytes: bytes("\(name).expected.png"), key: name)
    }

    /// Names of the input files with an extension, sorted.
    static func names(_ pathExtension: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(pathExtension) && $0.split(separator: ".").count == 2 }.sorted()
    }

    static func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: name).path)
    }
}

/// The largest difference of two pictures in levels, 256 if their sides differ.
func difference(_ a: Image, _ b: Image) -> Int {
    guard a.width == b.width && a.height == b.height else { return 256 }
    return zip(a.pixels, b.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
}
