package import Tensors

/// Logits of classes on a grid of cells, asked for at the pixels of a square view that lie between the cells.
///
/// No map of pixels × classes is ever made: a row of pixels is brought up at a time.
package struct PixelLogits: Sendable {
    /// `[cells, C]`
    package let values: [Float]
    package let classes: Int
    package let grid: Grid
    /// Of the view, in pixels.
    package let side: Int
    let down: BilinearTaps
    let across: BilinearTaps

    /// - Precondition: a number for each cell and class.
    package init(_ values: [Float], classes: Int, grid: Grid, side: Int) {
        precondition(classes > 0 && values.count == grid.count * classes, "\(values.count) logits on a grid of \(grid)")
        (self.values, self.classes, self.grid, self.side) = (values, classes, grid, side)
        down = BilinearTaps(from: grid.rows, to: side)
        across = BilinearTaps(from: grid.columns, to: side)
    }

    /// The cells of a row of pixels, `[columns, C]`: between two rows of cells.
    func row(_ y: Int, into row: inout [Float]) {
        let (width, share) = (grid.columns * classes, Float(down.shares[y]))
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
    func pixel(_ x: Int, of row: [Float], into logits: inout [Float]) {
        let share = Float(across.shares[x])
        let (near, far) = (across.near[x] * classes, across.far[x] * classes)
        row.withUnsafeBufferPointer { row in
            logits.withUnsafeMutableBufferPointer { logits in
                for c in 0..<classes { logits[c] = (1 - share) * row[near &+ c] + share * row[far &+ c] }
            }
        }
    }
}
