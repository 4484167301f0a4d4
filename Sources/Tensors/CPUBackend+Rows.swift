import CKernels

extension CPUBackend {
    /// Columns one thread reduces at a time: four registers of sixteen.
    private static let columnTile = 64

    package func add(_ x: TensorValue, row: TensorValue) -> TensorValue {
        let result = empty(x.shape)
        let columns = row.count
        let (x, row, y) = (x.pointer, row.pointer, result.mutablePointer)
        forEachTile(result.count / max(columns, 1), of: Self.rowTile(columns: columns)) {
            let start = $0.lowerBound * columns
            kernel_add_row(x + start, row, y + start, $0.count, columns)
        }
        return result
    }

    package func multiply(_ x: TensorValue, row: TensorValue) -> TensorValue {
        let result = empty(x.shape)
        let columns = row.count
        let (x, row, y) = (x.pointer, row.pointer, result.mutablePointer)
        forEachTile(result.count / max(columns, 1), of: Self.rowTile(columns: columns)) {
            let start = $0.lowerBound * columns
            kernel_multiply_row(x + start, row, y + start, $0.count, columns)
        }
        return result
    }

    package func gatheredRows(_ table: TensorValue, _ indices: [Int32]) -> TensorValue {
        let columns = table.shape[-1]
        let result = empty([indices.count, columns])
        let (table, y) = (table.pointer, result.mutablePointer)
        forEachTile(indices.count, of: Self.rowTile(columns: columns)) { rows in
            indices.withUnsafeBufferPointer {
                let first = $0.baseAddress.map { $0 + rows.lowerBound }
                kernel_gather_rows(table, first, y + rows.lowerBound * columns, rows.count, columns)
            }
        }
        return result
    }

    package func gatheredRowsVJP(_ gradient: TensorValue, _ indices: [Int32], rows: Int) -> TensorValue {
        let columns = gradient.shape[-1]
        let result = filled([rows, columns], with: 0)
        let (x, y) = (gradient.pointer, result.mutablePointer)
        forEachColumnTile(rows: indices.count, columns: columns) { tile in
            indices.withUnsafeBufferPointer {
                let (x, y) = (x + tile.lowerBound, y + tile.lowerBound)
                kernel_scatter_rows(x, $0.baseAddress, y, columns, indices.count, tile.count)
            }
        }
        return result
    }

    package func columnSums(_ x: TensorValue, shape: Shape) -> TensorValue {
        let result = empty(shape)
        let columns = shape.count
        let rows = x.count / max(columns, 1)
        let (x, y) = (x.pointer, result.mutablePointer)
        forEachColumnTile(rows: rows, columns: columns) {
            kernel_column_sums(x + $0.lowerBound, columns, y + $0.lowerBound, rows, $0.count)
        }
        return result
    }

    package func columnDots(_ a: TensorValue, _ b: TensorValue, shape: Shape) -> TensorValue {
        let result = empty(shape)
        let columns = shape.count
        let rows = a.count / max(columns, 1)
        let (a, b, y) = (a.pointer, b.pointer, result.mutablePointer)
        forEachColumnTile(rows: rows, columns: columns) {
            kernel_column_dots(a + $0.lowerBound, b + $0.lowerBound, columns, y + $0.lowerBound, rows, $0.count)
        }
        return result
    }

    package func rowDots(_ a: TensorValue, _ b: TensorValue) -> TensorValue {
        let columns = a.shape[-1]
        let result = empty(Shape(a.shape.dimensions.dropLast()))
        let (a, b, y) = (a.pointer, b.pointer, result.mutablePointer)
        forEachTile(result.count, of: Self.rowTile(columns: columns)) {
            let start = $0.lowerBound * columns
            kernel_row_dots(a + start, columns, b + start, columns, y + $0.lowerBound, $0.count, columns)
        }
        return result
    }

    package func scaledRows(_ x: TensorValue, by factors: TensorValue) -> TensorValue {
        let result = copied(x)
        let columns = x.shape[-1]
        let (y, factors) = (result.mutablePointer, factors.pointer)
        forEachTile(x.shape.rowCount, of: Self.rowTile(columns: columns)) {
            kernel_scale_rows(y + $0.lowerBound * columns, columns, factors + $0.lowerBound, $0.count, columns)
        }
        return result
    }

    /// A thread takes whole columns, so each sum runs over the rows in one order; little work stays in one piece.
    private func forEachColumnTile(rows: Int, columns: Int, _ body: @escaping (Range<Int>) -> Void) {
        let isSmall = rows * columns <= Self.elementTile
        forEachTile(columns, of: isSmall ? max(columns, 1) : Self.columnTile, body)
    }
}
