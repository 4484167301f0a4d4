import CKernels

extension CPUBackend {
    package func product(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        bias: TensorValue?
    ) -> TensorValue {
        let (left, right) = (MatrixView(a, transposed: transposesA), MatrixView(b, transposed: transposesB))
        let result = empty([left.rows, right.columns])
        multiply(left, right, bias: bias, into: result)
        return result
    }

    /// `target = left·right (+ bias)` in tiles.
    private func multiply(_ left: MatrixView, _ right: MatrixView, bias: TensorValue?, into target: TensorValue) {
        let (rows, inner, columns) = (left.rows, left.columns, right.columns)
        if rows == 0 || columns == 0 { return }
        let y = target.mutablePointer
        let bias = bias?.pointer
        let tiling = ProductTiling(rows: rows, columns: columns, inner: inner, threadCount: threadCount)
        // Columns that only one task reads are packed by that task, in its cache.
        let packed = tiling.tilesDown > 1 ? self.packed(right) : nil
        let panels = packed.map { UnsafePointer($0.address.assumingMemoryBound(to: Float.self)) }
        threads.parallelFor(tiling.count) { index in
            let (rows, columnRange) = tiling[index]
            let first = rows.lowerBound * columns + columnRange.lowerBound
            // The same row for all rows: a stride of 0.
            let start = bias.map { $0 + columnRange.lowerBound }
            let tile = left.tile(rows, 0..<inner)
            if let panels {
                tile.multiply(
                    packed: panels + columnRange.lowerBound * inner,
                    columns: columnRange.count,
                    startingFrom: start,
                    stride: 0,
                    into: y + first,
                    stride: columns
                )
            } else {
                tile.multiply(
                    right.tile(0..<inner, columnRange),
                    startingFrom: start,
                    stride: 0,
                    into: y + first,
                    stride: columns
                )
            }
        }
        withExtendedLifetime(packed) {}
    }

    /// The right side of a product in the kernel's order, packed by all threads for all of them.
    private func packed(_ right: MatrixView) -> Storage {
        let (inner, columns) = (right.rows, right.columns)
        let byteCount = kernel_product_packed_count(inner, columns) * MemoryLayout<Float>.size
        let storage = Storage(byteCount: byteCount, from: pool)
        let target = storage.address.assumingMemoryBound(to: Float.self)
        // Half a kilobyte of a row at least, as memory is read in pages.
        let (width, depth) = (16 * kernel_panel_columns, 256)
        let (across, down) = ((columns + width - 1) / width, (inner + depth - 1) / depth)
        threads.parallelFor(across * down) { index in
            let (first, above) = (index / down * width, index % down * depth)
            right.tile(0..<inner, first..<min(first + width, columns))
                .pack(above..<min(above + depth, inner), into: target + first * inner)
        }
        return storage
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
