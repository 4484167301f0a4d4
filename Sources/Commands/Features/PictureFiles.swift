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

    /// Size and form alone, before anything dear is done.
    /// - Throws: as `read(_:)`, but for damage behind the header.
    static func header(_ path: String) throws -> ImageHeader {
        let bytes = try bytes(path)
        do {
            return try ImageDecoder.header(of: bytes, key: path)
        } catch {
            throw CommandFailure(.usage, "\(error)")
        }
    }

    private static func read(_ path: String, _ orientation: ImageDecoder.Orientation) throws -> Image {
        let bytes = try bytes(path)
        do {
            return try ImageDecoder.decode(bytes: bytes, options: orientation, key: path)
        } catch {
            throw CommandFailure(.usage, "\(error)")
        }
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.usage, "\(path): cannot be read. Check the path and its permissions.")
        }
        return [UInt8](data)
    }

    /// Names as a JSON array, for a file's metadata.
    static func list(_ names: [String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: try encoder.encode(names), as: UTF8.self)
    }
}
