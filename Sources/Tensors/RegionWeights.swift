/// How much each cell of one axis counts in a region's mean: RoIAlign with one bin, which is separable.
///
/// He et al. 2017, arXiv:1703.06870, with adaptive sampling (one sample per started cell) and the aligned half-cell
/// shift. Computed in Float32 in this order, because rounding decides some sample counts.
struct RegionWeights {
    /// The cells that may have a weight other than zero.
    let cells: Range<Int>
    /// One for each of `cells`.
    let weights: [Float]

    /// - Parameters:
    ///   - low: the lower edge of the region, in cells.
    ///   - high: the upper edge; at or below `low` all weights are zero.
    ///   - count: cells along the axis.
    init(from low: Float, to high: Float, count: Int) {
        let start = low - 0.5
        let extent = (high - 0.5) - start
        let samples = extent.rounded(.up)
        guard samples > 0, count > 0 else {
            (cells, weights) = (0..<0, [])
            return
        }
        var all = [Float](repeating: 0, count: count)
        var (first, last) = (count, -1)
        for sample in 0..<Int(samples) {
            let position = start + (Float(sample) + 0.5) * extent / samples
            guard position >= -1, position <= Float(count) else { continue }
            let inside = max(position, 0)
            let cell = min(Int(inside), count - 1)
            first = min(first, cell)
            if cell == count - 1 {
                all[cell] += 1
                last = max(last, cell)
            } else {
                let fraction = inside - Float(cell)
                all[cell] += 1 - fraction
                all[cell + 1] += fraction
                last = max(last, cell + 1)
            }
        }
        cells = first <= last ? first..<last + 1 : 0..<0
        weights = all[cells].map { $0 / samples }
    }
}
