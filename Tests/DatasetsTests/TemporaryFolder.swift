import Foundation
import Images

/// A folder of a test's own, gone with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "stillhouse-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        let url = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
    }

    func write(_ text: String, to name: String) throws {
        try write(text.utf8, to: name)
    }

    func writePicture(_ name: String, width: Int = 24, height: Int = 16, color: Color = .ink) throws {
        let image = Image(width: width, height: height, filledWith: color)
        try write(name.hasSuffix("png") ? PNGEncoder().encode(image) : JPEGEncoder().encode(image), to: name)
    }
}
