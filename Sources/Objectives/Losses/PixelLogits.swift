package import Tensors

/// Logits of classes on a grid of cells, asked for at the pixels of a square view that lie between the cells.
///
/// No map of pixels × classes is ever made: a row of pixels is brought up at a time.
package struct PixelLogits: Sendable {
    /// `[cells, C]`
    package let values: [Double]
    package let classes: Int
    package let grid: Grid
    /// Of the view, in pixels.
    package let side: Int
    let down: BilinearTaps
    let across: BilinearTaps

    /// - Parameter scale: brings cosines to logits.
    /// - Precondition: a number for each cell and class.
    package init(_ values: [Float], scale: Double = 1, classes: Int, grid: Grid, side: Int) {
        precondition(classes > 0 && values.count == grid.count * classes, "\(values.count) logits on a grid of \(grid)")
        (self.classes, self.grid, self.side) = (classes, grid, side)
        self.values = values.map { scale * Double($0) }
        down = BilinearTaps(from: grid.rows, to: side)
        across = BilinearTaps(from: grid.columns, to: side)
    }

    /// The cells of a row of pixels, `[columns, C]`: between two rows of cells.
    func row(_ y: Int, into row: inout [Double]) {
        let (width, share) = (grid.columns * classes, down.shares[y])
        let (near, far) = (down.near[y] * width, down.far[y] * width)
        values.withUnsafeBufferPointer { values in
            row.withUnsafeMutableBufferPointer { row in
                for place in 0..<width {
                    row[place] = (1 - share) * values[near &+ place] + share * values[far &+ place]
                }
            }
        }
    }

    /// The logits of one pixel of such a row, `[C]`.
    func pixel(_ x: Int, of row: [Double], into logits: inout [Double]) {
        let share = across.shares[x]
        let (near, far) = (across.near[x] * classes, across.far[x] * classes)
        row.withUnsafeBufferPointer { row in
            logits.withUnsafeMutableBufferPointer { logits in
                for c in 0..<classes { logits[c] = (1 - share) * row[near &+ c] + share * row[far &+ c] }
            }
        }
    }

    /// Visits pixels, and carries what each wants of its logits back to the cells: bringing up is linear, so its gradient is
    /// the transposed interpolation.
    ///
    /// - Parameters:
    ///   - isWanted: whether a pixel, counted row by row, takes part.
    ///   - visit: gets a pixel's logits, `[C]`, and leaves the derivatives of a loss in their place.
    /// - Returns: derivatives with respect to the cells' logits, `[cells, C]`.
    func gradient(where isWanted: (Int) -> Bool, _ visit: (Int, inout [Double]) -> Void) -> [Double] {
        var gradient = [Double](repeating: 0, count: values.count)
        var row = [Double](repeating: 0, count: grid.columns * classes)
        var slopes = row
        var pixel = [Double](repeating: 0, count: classes)
        for y in 0..<side {
            let line = y * side..<(y + 1) * side
            guard line.contains(where: isWanted) else { continue }
            self.row(y, into: &row)
            for place in slopes.indices { slopes[place] = 0 }
            for x in 0..<side where isWanted(line.lowerBound + x) {
                self.pixel(x, of: row, into: &pixel)
                visit(line.lowerBound + x, &pixel)
                Self.spread(pixel, x, across, to: &slopes)
            }
            Self.spread(slopes, y, down, to: &gradient)
        }
        return gradient
    }

    /// Adds what lies at a point between two entries to both, by their shares.
    private static func spread(_ slopes: [Double], _ point: Int, _ taps: BilinearTaps, to entries: inout [Double]) {
        let (width, share) = (slopes.count, taps.shares[point])
        let (near, far) = (taps.near[point] * width, taps.far[point] * width)
        slopes.withUnsafeBufferPointer { slopes in
            entries.withUnsafeMutableBufferPointer { entries in
                for place in 0..<width {
                    entries[near &+ place] += (1 - share) * slopes[place]
                    entries[far &+ place] += share * slopes[place]
                }
            }
        }
    }
}
