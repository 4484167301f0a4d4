import Postgres

/// Names one immutable state of a model and is never reused; `Version.number` counts along a run's history.
package struct VersionID: RawRepresentable, Hashable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

extension VersionID: Comparable, CustomStringConvertible {
    package static func < (one: VersionID, other: VersionID) -> Bool { one.rawValue < other.rawValue }
    package var description: String { String(rawValue) }
}
