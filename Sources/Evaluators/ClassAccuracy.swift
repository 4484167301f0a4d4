/// Accuracy per class, then the mean over the classes that occur: a class of three regions, or pictures, weighs as much
/// as one of three thousand.
package struct ClassAccuracy: Sendable {
    /// The depths of rank that count as right.
    package static let depths = [1, 5]

    private struct Tally {
        var count = 0
        var hits = [Int](repeating: 0, count: depths.count)
    }

    private var tallies: [Tally]

    package init(classCount: Int) {
        tallies = Array(repeating: Tally(), count: classCount)
    }

    package var regionCount: Int { tallies.reduce(0) { $0 + $1.count } }
    package var classCount: Int { tallies.count { $0.count > 0 } }

    /// Records one region by its scores against every class; among equal scores the lower class stands first.
    package mutating func record(scores: some Collection<Float>, label: Int) {
        let scores = Array(scores)
        let own = scores[label]
        let rank = scores.indices.count { scores[$0] > own || (scores[$0] == own && $0 < label) }
        tallies[label].count += 1
        for (slot, depth) in Self.depths.enumerated() where rank < depth && !own.isNaN {
            tallies[label].hits[slot] += 1
        }
    }

    /// How often a class was recorded.
    package func count(of label: Int) -> Int { tallies[label].count }

    /// How often the records of a class were right at one of `depths`.
    package func hits(of label: Int, at depth: Int) -> Int {
        Self.depths.firstIndex(of: depth).map { tallies[label].hits[$0] } ?? 0
    }

    /// Share of all records that were right at one of `depths`, in 0...1; nil if nothing was recorded.
    package func share(at depth: Int) -> Double? {
        let hits = tallies.indices.reduce(0) { $0 + self.hits(of: $1, at: depth) }
        return regionCount == 0 ? nil : Double(hits) / Double(regionCount)
    }

    /// Mean accuracy at one of `depths`, in 0...1; nil if nothing was recorded.
    package func mean(at depth: Int) -> Double? {
        guard let slot = Self.depths.firstIndex(of: depth) else { return nil }
        let accuracies = tallies.filter { $0.count > 0 }.map { Double($0.hits[slot]) / Double($0.count) }
        return accuracies.isEmpty ? nil : accuracies.reduce(0, +) / Double(accuracies.count)
    }
}
