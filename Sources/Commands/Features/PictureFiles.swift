import Foundation
import Images

/// Pictures named on the command line.
enum PictureFiles {
    /// - Parameter isTurned: whether EXIF's turn is made, for people; else pixels are as stored, so that boxes mean what they
    ///   mean in a dataset.
    /// - Throws: `CommandFailure` for a file that cannot be read, `ImageError` for one that is no usable picture.
    static func read(_ path: String, isTurned: Bool = false) throws -> Image {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.usage, "\(path): cannot be read. Check the path and its permissions.")
        }
        do {
            return try ImageDecoder.decode(bytes: [UInt8](data), options: isTurned ? .oriented : .stored, key: path)
        } catch {
            throw CommandFailure(.usage, "\(error)")
        }
    }

    /// Names as a JSON array, for a file's metadata.
    static func list(_ names: [String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: try encoder.encode(names), as: UTF8.self)
    }
}
