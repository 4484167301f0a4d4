import Foundation
import Images

/// Pictures named on the command line.
enum PictureFiles {
    /// Pixels as stored, without the EXIF turn, so that boxes mean what they mean in a dataset.
    /// - Throws: `CommandFailure` for a file that cannot be read, or one that is no usable picture.
    static func read(_ path: String) throws -> Image { try read(path, .stored) }

    /// Pixels as people see them, turned as EXIF asks.
    /// - Throws: as `read(_:)`.
    static func readTurned(_ path: String) throws -> Image { try read(path, .oriented) }

    private static func read(_ path: String, _ orientation: ImageDecoder.Orientation) throws -> Image {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.usage, "\(path): cannot be read. Check the path and its permissions.")
        }
        do {
            return try ImageDecoder.decode(bytes: [UInt8](data), options: orientation, key: path)
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
