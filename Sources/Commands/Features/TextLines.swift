import Foundation

/// Texts in a file, one a line.
enum TextLines {
    /// Lines without their ends; a line end at the end of the file begins no other line. Bytes that are no UTF-8 are
    /// replaced.
    ///
    /// - Throws: `CommandFailure` for a file that cannot be read.
    static func read(_ path: String) throws -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.usage, "\(path): cannot be read. Check the path and its permissions.")
        }
        var lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
