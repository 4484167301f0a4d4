/// Brings maps on a grid of patches to pixels, one map at a time, in memory of its own.
package struct PlaneResampling {
    package let width: Int
    package let height: Int
    private let down: FlatWeights
    private let across: FlatWeights
    /// The grid's rows, widened: `[rows, width]`.
    private var wide: [Float]

    package init(rows: AxisWeights, columns: AxisWeights) {
        (width, height) = (columns.pixelCount, rows.pixelCount)
        (down, across) = (FlatWeights(rows), FlatWeights(columns))
        wide = [Float](repeating: 0, count: rows.cellCount * columns.pixelCount)
    }

    /// - Parameters:
    ///   - cells: `[rows, columns]` of the grid.
    ///   - pixels: `[height, width]`, overwritten.
    package mutating func resample(_ cells: UnsafeBufferPointer<Float>, into pixels: UnsafeMutableBufferPointer<Float>)
    {
        precondition(cells.count == down.cellCount * across.cellCount && pixels.count == width * height, "one plane")
        wide.withUnsafeMutableBufferPointer { wide in
            for row in 0..<down.cellCount {
                let (from, to) = (row * across.cellCount, row * width)
                for x in 0..<width {
                    var sum: Float = 0
                    for term in across.starts[x]..<across.starts[x &+ 1] {
                        sum += across.weights[term] * cells[from &+ across.cells[term]]
                    }
                    wide[to &+ x] = sum
                }
            }
            for y in 0..<height {
                let to = y * width
                for x in 0..<width { pixels[to &+ x] = 0 }
                // A whole row at a time: the inner loop runs over neighbours and vectorises.
                for term in down.starts[y]..<down.starts[y + 1] {
                    let (from, weight) = (down.cells[term] * width, down.weights[term])
                    for x in 0..<width { pixels[to &+ x] += weight * wide[from &+ x] }
                }
            }
        }
    }

    /// The terms of all pixels one after another.
    private struct FlatWeights {
        let cellCount: Int
        /// Where each pixel's terms begin, and where the last one's end.
        let starts: [Int]
        let cells: [Int]
        let weights: [Float]

        init(_ axis: AxisWeights) {
            cellCount = axis.cellCount
            starts = axis.pixels.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
            cells = axis.pixels.flatMap { $0.map(\.cell) }
            weights = axis.pixels.flatMap { $0.map { Float($0.weight) } }
        }
    }
}
