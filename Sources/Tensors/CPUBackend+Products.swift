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
        multiply(left, right, startingFrom: .init(bias), into: result)
        return result
    }

    package func activatedProduct(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        bias: TensorValue?,
        _ activation: Activation
    ) -> (input: TensorValue, y: TensorValue) {
        let (left, right) = (MatrixView(a, transposed: transposesA), MatrixView(b, transposed: transposesB))
        let (input, y) = (empty([left.rows, right.columns]), empty([left.rows, right.columns]))
        let (source, target, stride) = (input.pointer, y.mutablePointer, right.columns)
        // Each tile is activated while it is still in the cache of the thread that computed it.
        multiply(left, right, startingFrom: .init(bias), into: input) { rows, columns in
            for row in rows {
                let first = row * stride + columns.lowerBound
                switch activation {
                case .gelu: kernel_gelu(source + first, target + first, columns.count)
                case .quickGELU: kernel_quick_gelu(source + first, target + first, columns.count)
                }
            }
        }
        return (input, y)
    }

    package func accumulateProduct(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        into target: inout TensorValue
    ) {
        let (left, right) = (MatrixView(a, transposed: transposesA), MatrixView(b, transposed: transposesB))
        precondition(target.count == left.rows * right.columns, "\(target.shape) cannot take this product")
        target.makeUnique()
        multiply(left, right, startingFrom: .target, into: target)
    }

    /// What a product is added to.
    private enum Start {
        case nothing
        case bias(TensorValue)
        case target

        init(_ bias: TensorValue?) { self = bias.map { .bias($0) } ?? .nothing }
    }

    /// `target = start + left·right` in tiles, each followed by `finish` for its rows and columns.
    private func multiply(
        _ left: MatrixView,
        _ right: MatrixView,
        startingFrom start: Start,
        into target: TensorValue,
        finish: @escaping (Range<Int>, Range<Int>) -> Void = { _, _ in }
    ) {
        let (rows, inner, columns) = (left.rows, left.columns, right.columns)
        if rows == 0 || columns == 0 { return }
        let y = target.mutablePointer
        let (begun, begunStride): (UnsafePointer<Float>?, Int) =
            switch start {
            case .nothing: (nil, 0)
            case .bias(let bias): (bias.pointer, 0)
            case .target: (UnsafePointer(y), columns)
            }
        let tiling = ProductTiling(rows: rows, columns: columns, inner: inner, threadCount: threadCount)
        // Columns that only one task reads are packed by that task, in its cache.
        let packed = tiling.tilesDown > 1 ? self.packed(right) : nil
        let panels = packed.map { UnsafePointer($0.address.assumingMemoryBound(to: Float.self)) }
        threads.parallelFor(tiling.count) { index in
            let (rows, columnRange) = tiling[index]
            let first = rows.lowerBound * columns + columnRange.lowerBound
            let start = begun.map { $0 + rows.lowerBound * begunStride + columnRange.lowerBound }
            let tile = left.tile(rows, 0..<inner)
            if let panels {
                tile.multiply(
                    packed: panels + columnRange.lowerBound * inner,
                    columns: columnRange.count,
                    startingFrom: start,
                    stride: begunStride,
                    into: y + first,
                    stride: columns
                )
            } else {
                tile.multiply(
                    right.tile(0..<inner, columnRange),
                    startingFrom: start,
                    stride: begunStride,
                    into: y + first,
                    stride: columns
                )
            }
            finish(rows, columnRange)
        }
        withExtendedLifetime(packed) {}
    }

    /// The right side of a product in the kernel's order, packed by all threads for all of them.
    private func packed(_ right: MatrixView) -> Storage {
        let (inner, columns) = (right.rows, right.columns)
        let byteCount = kernel_product_packed_count(inner, columns) * MemoryLayout<Float>.size
        let storage = Storage(byteCount: byteCount, from: pool)
        let target = storage.address.assumingMemoryBound(to: Float.self)
        let panel = kernel_panel_columns
        let width = max(Self.elementTile / max(inner, 1), 256) / panel * panel
        threads.parallelFor((columns + width - 1) / width) { index in
            let range = index * width..<min((index + 1) * width, columns)
            right.tile(0..<inner, range).pack(into: target + range.lowerBound * inner)
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
