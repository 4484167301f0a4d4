/// A division of the image into rows and columns of equal cells.
package struct RegionGrid: Hashable, Sendable {
    package var rows: Int
    package var columns: Int

    package init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }

    package var cellCount: Int { rows * columns }

    /// The grids among which patches mode draws uniformly: m = 1...M rows, n = ⌈m/2⌉...min(2m, M) columns.
    ///
    /// The aspect rule keeps cells from becoming strips; M = 6 gives 24 grids, not 36.
    /// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, section 3.2.
    package static func all(limit: Int) -> [RegionGrid] {
        (1...limit).flatMap { rows in
            ((rows + 1) / 2...min(2 * rows, limit)).map { RegionGrid(rows: rows, columns: $0) }
        }
    }

    /// Cell `index` (row-major) of a picture, in its pixels; fp32 in this order, as the boxes are compared in fp32.
    package func cell(_ index: Int, width: Int, height: Int) -> RegionBox {
        let (row, column) = (index / columns, index % columns)
        func edge(_ k: Int, of count: Int, _ side: Int) -> Float { Float(k) / Float(count) * Float(side) }
        return RegionBox(
            x0: edge(column, of: columns, width),
            y0: edge(row, of: rows, height),
            x1: edge(column + 1, of: columns, width),
            y1: edge(row + 1, of: rows, height)
        )
    }
}
