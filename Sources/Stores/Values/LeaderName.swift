import Postgres

/// What is led by one process at a time: planning and cleaning up for all runs, or the weights of one run.
package struct LeaderName: RawRepresentable, Hashable, Sendable, PostgresEncodable, PostgresDecodable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let coordinator = LeaderName(rawValue: "coordinator")
    package static func aggregator(of run: RunID) -> LeaderName { LeaderName(rawValue: "aggregator:\(run)") }

    /// The run whose aggregator it is.
    package var run: RunID? {
        let parts = rawValue.split(separator: ":")
        guard parts.count == 2, parts[0] == "aggregator", let number = Int64(parts[1]) else { return nil }
        return RunID(rawValue: number)
    }
}

extension LeaderName: CustomStringConvertible {
    package var description: String { rawValue }
}
