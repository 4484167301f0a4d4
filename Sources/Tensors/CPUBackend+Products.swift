import COpenBLAS
import CKernels

extension CPUBackend {
    /// Largest extents of one tile of a result. A function of nothing else: OpenBLAS rounds differently when rows or
    /// columns are cut elsewhere.
    private static let productTile = 512

    package func product(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        bias: TensorValue?
    ) -> TensorValue {
        let (aRows, aColumns) = (a.shape.rowCount, a.shape[-1])
        let (bRows, bColumns) = (b.shape.rowCount, b.shape[-1])
        let (rows, inner) = transposesA ? (aColumns, aRows) : (aRows, aColumns)
        let columns = transposesB ? bRows : bColumns
        if rows * columns == 0 { return empty([rows, columns]) }
        if inner == 0 { return bias.map { repeated($0, rows: rows) } ?? filled([rows, columns], with: 0) }
        let result = empty([rows, columns])
        let (rowTile, columnTile) = (Self.tile(of: rows), Self.tile(of: columns))
        let columnTiles = (columns + columnTile - 1) / columnTile
        let rowTiles = (rows + rowTile - 1) / rowTile
        let (a, b, bias, y) = (a.pointer, b.pointer, bias?.pointer, result.mutablePointer)
        threads.parallelFor(rowTiles * columnTiles) { index in
            let (row, column) = (index / columnTiles * rowTile, index % columnTiles * columnTile)
            let (height, width) = (min(rowTile, rows - row), min(columnTile, columns - column))
            let tile = y + row * columns + column
            // The bias is what the product is added to: one pass over the result less than adding it afterwards.
            if let bias { kernel_copy_rows(bias + column, 0, tile, columns, height, width) }
            stillhouse_sgemm(
                transposesA,
                transposesB,
                height,
                width,
                inner,
                1,
                transposesA ? a + row : a + row * aColumns,
                aColumns,
                transposesB ? b + column * bColumns : b + column,
                bColumns,
                bias == nil ? 0 : 1,
                tile,
                columns
            )
        }
        return result
    }

    /// Equal tiles of at most `productTile`, in whole vectors of sixteen.
    static func tile(of extent: Int, atMost largest: Int = productTile) -> Int {
        let count = (extent + largest - 1) / largest
        return ((extent + count - 1) / max(count, 1) + 15) / 16 * 16
    }
}
