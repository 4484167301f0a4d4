import Postgres

/// Names a shard of work across all runs; later jobs have larger numbers, and claims go by that order.
package struct JobID: RawRepresentable, Hashable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

extension JobID: Comparable, CustomStringConvertible {
    package static func < (one: JobID, other: JobID) -> Bool { one.rawValue < other.rawValue }
    package var description: String { String(rawValue) }
}
