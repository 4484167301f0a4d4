import CKernels

extension CPUBackend {
    package func value(
        _ shape: Shape,
        initializing body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows -> TensorValue {
        let result = empty(shape)
        try body(UnsafeMutableBufferPointer(start: result.mutablePointer, count: shape.count))
        return result
    }

    package func withFloats<R>(
        of value: TensorValue,
        _ body: (UnsafeBufferPointer<Float>) throws -> R
    ) rethrows -> R {
        // The storage must outlive the body, which sees only its address.
        try withExtendedLifetime(value) {
            try body(UnsafeBufferPointer(start: value.pointer, count: value.count))
        }
    }

    package func add(_ value: TensorValue, _ range: Range<Int>, to sum: UnsafeMutableBufferPointer<Float>) {
        guard let y = sum.baseAddress else { return }
        let x = value.pointer + range.lowerBound
        withExtendedLifetime(value) {
            forEachTile(range.count) { kernel_add(x + $0.lowerBound, y + $0.lowerBound, y + $0.lowerBound, $0.count) }
        }
    }

    package func filled(_ shape: Shape, with number: Double) -> TensorValue {
        let result = empty(shape)
        let y = result.mutablePointer
        forEachTile(shape.count) { kernel_fill(Float(number), y + $0.lowerBound, $0.count) }
        return result
    }

    package func copied(_ value: TensorValue) -> TensorValue {
        let result = empty(value.shape)
        let (x, y) = (value.pointer, result.mutablePointer)
        forEachTile(value.count) { (y + $0.lowerBound).update(from: x + $0.lowerBound, count: $0.count) }
        return result
    }

    package func concatenated(_ values: [TensorValue], axis: Int) -> TensorValue {
        let extents = values.map { $0.shape[axis] }
        let result = empty(values[0].shape.replacing(axis: axis, with: extents.reduce(0, +)))
        let (outer, extent, inner) = result.shape.split(around: axis)
        var start = 0
        for (value, length) in zip(values, extents) {
            copyRows(
                value.pointer,
                stride: length * inner,
                to: result.mutablePointer + start * inner,
                stride: extent * inner,
                rows: outer,
                columns: length * inner
            )
            start += length
        }
        return result
    }

    package func sliced(_ value: TensorValue, axis: Int, _ range: Range<Int>) -> TensorValue {
        let (outer, extent, inner) = value.shape.split(around: axis)
        if outer == 1 { return value.reshaped(to: [extent, inner]).leadingSlice(range).reshaped(to: sliceShape()) }
        let result = empty(sliceShape())
        copyRows(
            value.pointer + range.lowerBound * inner,
            stride: extent * inner,
            to: result.mutablePointer,
            stride: range.count * inner,
            rows: outer,
            columns: range.count * inner
        )
        return result

        func sliceShape() -> Shape { value.shape.replacing(axis: axis, with: range.count) }
    }

    package func placed(_ value: TensorValue, axis: Int, _ range: Range<Int>, extent: Int) -> TensorValue {
        let result = filled(value.shape.replacing(axis: axis, with: extent), with: 0)
        let (outer, _, inner) = result.shape.split(around: axis)
        copyRows(
            value.pointer,
            stride: range.count * inner,
            to: result.mutablePointer + range.lowerBound * inner,
            stride: extent * inner,
            rows: outer,
            columns: range.count * inner
        )
        return result
    }

    package func repeated(_ row: TensorValue, rows: Int) -> TensorValue {
        let result = empty(Shape([rows] + row.shape.dimensions))
        copyRows(row.pointer, stride: 0, to: result.mutablePointer, stride: row.count, rows: rows, columns: row.count)
        return result
    }

    /// Copies rows between two strided layouts.
    private func copyRows(
        _ x: UnsafePointer<Float>,
        stride xStride: Int,
        to y: UnsafeMutablePointer<Float>,
        stride yStride: Int,
        rows: Int,
        columns: Int
    ) {
        forEachTile(rows, of: Self.rowTile(columns: columns)) { range in
            kernel_copy_rows(
                x + range.lowerBound * xStride,
                xStride,
                y + range.lowerBound * yStride,
                yStride,
                range.count,
                columns
            )
        }
    }
}
