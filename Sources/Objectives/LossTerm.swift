/// A named quantity as a sum with its count, so that jobs add up exactly; never a mean.
package struct LossTerm: Codable, Hashable, Sendable {
    package var name: String
    package var sum: Double
    package var count: Int

    package init(name: String, sum: Double, count: Int) {
        self.name = name
        self.sum = sum
        self.count = count
    }

    /// nil where nothing was counted.
    package var mean: Double? { count > 0 ? sum / Double(count) : nil }
}

extension [LossTerm] {
    /// Adds terms by name; a name not seen yet is appended.
    package mutating func add(_ others: [LossTerm]) {
        for other in others {
            if let index = firstIndex(where: { $0.name == other.name }) {
                self[index].sum += other.sum
                self[index].count += other.count
            } else {
                append(other)
            }
        }
    }
}
