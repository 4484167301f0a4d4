import Foundation

/// Prints a value as one indented JSON document with sorted snake_case keys, as `--json` promises everywhere.
package enum JSONOutput {
    static func print(_ value: some Encodable) throws { Swift.print(try text(value)) }

    /// - Parameter isOneLine: for streams of documents, one a line.
    package static func text(_ value: some Encodable, isOneLine: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !isOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
