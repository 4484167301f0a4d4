/// A row of numbers as a row of bars, one character each: `█▆▅▃▂▁`.
package enum Sparkline {
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Scaled from the smallest to the largest value; nothing for fewer than two of them.
    package static func text(_ values: [Double]) -> String {
        let finite = values.filter(\.isFinite)
        guard finite.count > 1, let low = finite.min(), let high = finite.max(), high > low else { return "" }
        return String(
            finite.map { value in bars[Int(((value - low) / (high - low) * Double(bars.count - 1)).rounded())] }
        )
    }
}
