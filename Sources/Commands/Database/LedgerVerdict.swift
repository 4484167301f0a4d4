package import Stores

/// What `verify` found: each invariant, and how two histories compare when that was asked.
package struct LedgerVerdict: Encodable {
    package struct Entry: Encodable {
        package let number: Int
        package let name: String
        package let isHonoured: Bool
        /// JSON objects with the keys of rows that break it, a few of them.
        package let violations: [String]
    }

    package let invariants: [Entry]
    package var comparison: HistoryComparison?

    package init(_ reports: [InvariantReport]) {
        invariants = reports.map {
            Entry(number: $0.number, name: $0.name, isHonoured: $0.isHonoured, violations: $0.violations)
        }
    }

    /// Nothing is violated and the histories that were compared agree.
    package var isSound: Bool { invariants.allSatisfy(\.isHonoured) && comparison?.firstDifference == nil }

    package var text: String {
        var lines: [String] = []
        let width = invariants.map(\.name.count).max() ?? 0
        for entry in invariants {
            let number = String(repeating: " ", count: entry.number < 10 ? 1 : 0) + "\(entry.number)"
            let name = entry.name + String(repeating: " ", count: width - entry.name.count)
            lines.append("\(number)  \(name)  \(entry.isHonoured ? "ok" : "VIOLATED")")
            lines += entry.violations.map { "      \($0)" }
        }
        if let comparison { lines.append(comparison.text) }
        let broken = invariants.filter { !$0.isHonoured }.count
        lines.append(
            broken == 0
                ? "All \(invariants.count) invariants hold."
                : "\(broken) of \(invariants.count) invariants are violated. Stop the daemons and keep this output."
        )
        return lines.joined(separator: "\n")
    }
}
