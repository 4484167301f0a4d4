import Foundation

/// Words for people, beside the data on standard output.
enum StandardError {
    static func write(_ line: String) { try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8)) }
}
