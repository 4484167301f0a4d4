/// Rows and columns of a grid of tokens, stored row by row.
package struct Grid: Hashable, Sendable, CustomStringConvertible {
    package let rows: Int
    package let columns: Int

    package init(rows: Int, columns: Int) {
        precondition(rows > 0 && columns > 0, "a grid has at least one row and one column: \(rows)×\(columns)")
        self.rows = rows
        self.columns = columns
    }

    package var count: Int { rows * columns }

    package var description: String { "\(rows)×\(columns)" }
}
