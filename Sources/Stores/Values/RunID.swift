import Postgres

/// Names a training; people use its `name`.
package struct RunID: RawRepresentable, Hashable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// Where wake-ups about the run are sent; losing every one of them costs latency only.
    package var channel: String { "stillhouse_\(rawValue)" }
}

extension RunID: Comparable, CustomStringConvertible {
    package static func < (one: RunID, other: RunID) -> Bool { one.rawValue < other.rawValue }
    package var description: String { String(rawValue) }
}
