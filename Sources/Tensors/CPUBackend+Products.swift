import CKernels

extension CPUBackend {
    /// Largest extent of one tile of a result. A function of nothing else: OpenBLAS rounds differently when rows or
    /// columns are cut elsewhere.
    private static let productTile = 512

    package func product(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        bias: TensorValue?
    ) -> TensorValue {
        let left = MatrixView(a, transposed: transposesA)  // [M, K]
        let right = MatrixView(b, transposed: transposesB)  // [K, N]
        let (rows, inner, columns) = (left.rows, left.columns, right.columns)
        if inner == 0 { return bias.map { repeated($0, rows: rows) } ?? filled([rows, columns], with: 0) }
        let result = empty([rows, columns])
        if rows == 0 || columns == 0 { return result }
        let (rowTile, columnTile) = (Self.tile(of: rows), Self.tile(of: columns))
        let tilesAcross = (columns + columnTile - 1) / columnTile
        let tilesDown = (rows + rowTile - 1) / rowTile
        let (bias, y) = (bias?.pointer, result.mutablePointer)
        threads.parallelFor(tilesDown * tilesAcross) { index in
            let (down, across) = index.quotientAndRemainder(dividingBy: tilesAcross)
            let rowRange = down * rowTile..<min((down + 1) * rowTile, rows)
            let columnRange = across * columnTile..<min((across + 1) * columnTile, columns)
            let target = y + rowRange.lowerBound * columns + columnRange.lowerBound
            // The bias is what the product is added to: one pass over the result less than adding it afterwards.
            if let bias {
                kernel_copy_rows(bias + columnRange.lowerBound, 0, target, columns, rowRange.count, columnRange.count)
            }
            left.tile(rowRange, 0..<inner).multiply(
                right.tile(0..<inner, columnRange),
                into: target,
                stride: columns,
                adding: bias != nil
            )
        }
        return result
    }

    /// The extent of equal tiles of at most `productTile`, in whole vectors of sixteen.
    private static func tile(of extent: Int) -> Int {
        let count = (extent + productTile - 1) / productTile
        return ((extent + count - 1) / count + 15) / 16 * 16
    }
}

extension MatrixView {
    /// A tensor as the matrix whose columns are its last axis, or that matrix transposed.
    fileprivate init(_ value: TensorValue, transposed isTransposed: Bool) {
        let columns = value.shape[-1]
        let view = MatrixView(value.pointer, rows: value.shape.rowCount, columns: columns, stride: columns)
        self = isTransposed ? view.transposed : view
    }
}
