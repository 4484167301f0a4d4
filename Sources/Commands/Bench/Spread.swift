/// What repeated measurements say: the median, and how far apart they lie.
package struct Spread: Codable, Hashable, Sendable {
    package let median: Double
    package let lowest: Double
    package let highest: Double
    /// Measurements taken.
    package let count: Int

    /// - Parameter values: at least one.
    package init(_ values: [Double]) {
        precondition(!values.isEmpty, "nothing was measured")
        let sorted = values.sorted()
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        lowest = sorted[0]
        highest = sorted[sorted.count - 1]
        count = sorted.count
    }

    /// The same measurements in another unit, or as a rate's reciprocal; `transform` must be monotonic.
    package func map(_ transform: (Double) -> Double) -> Spread {
        Spread(median: transform(median), ends: (transform(lowest), transform(highest)), count: count)
    }

    private init(median: Double, ends: (Double, Double), count: Int) {
        self.median = median
        lowest = min(ends.0, ends.1)
        highest = max(ends.0, ends.1)
        self.count = count
    }
}
