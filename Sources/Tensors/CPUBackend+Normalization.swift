import CKernels

extension CPUBackend {
    /// Rows whose weight and bias gradients are summed in one go: fixed, as it decides the order of the sum.
    private static let gradientRows = 64

    package func layerNorm(
        _ x: TensorValue,
        weight: TensorValue,
        bias: TensorValue,
        epsilon: Double
    ) -> (y: TensorValue, mean: TensorValue, inverseDeviation: TensorValue) {
        let (rows, columns) = (x.shape.rowCount, x.shape[-1])
        let (y, mean, inverse) = (empty(x.shape), empty([rows]), empty([rows]))
        let (xs, ws, bs, ys) = (x.pointer, weight.pointer, bias.pointer, y.mutablePointer)
        let (ms, ss) = (mean.mutablePointer, inverse.mutablePointer)
        forEachTile(rows, of: Self.rowTile(columns: columns)) {
            let (row, start) = ($0.lowerBound, $0.lowerBound * columns)
            kernel_layer_norm(xs + start, ws, bs, Float(epsilon), ys + start, ms + row, ss + row, $0.count, columns)
        }
        return (y, mean, inverse)
    }

    package func layerNormVJP(
        _ gradient: TensorValue,
        at x: TensorValue,
        weight: TensorValue,
        mean: TensorValue,
        inverseDeviation: TensorValue
    ) -> (x: TensorValue, weight: TensorValue, bias: TensorValue) {
        let (rows, columns) = (x.shape.rowCount, x.shape[-1])
        let tiles = (rows + Self.gradientRows - 1) / Self.gradientRows
        let dx = empty(x.shape)
        let (weightParts, biasParts) = (empty([tiles, columns]), empty([tiles, columns]))
        let (gs, xs, ws, dxs) = (gradient.pointer, x.pointer, weight.pointer, dx.mutablePointer)
        let (ms, ss) = (mean.pointer, inverseDeviation.pointer)
        let (dws, dbs) = (weightParts.mutablePointer, biasParts.mutablePointer)
        forEachTile(rows, of: Self.gradientRows) {
            let (row, start) = ($0.lowerBound, $0.lowerBound * columns)
            let part = row / Self.gradientRows * columns
            kernel_layer_norm_vjp(
                gs + start,
                xs + start,
                ws,
                ms + row,
                ss + row,
                dxs + start,
                dws + part,
                dbs + part,
                $0.count,
                columns
            )
        }
        return (dx, columnSums(weightParts, shape: [columns]), columnSums(biasParts, shape: [columns]))
    }

    package func l2Normalized(_ x: TensorValue, epsilon: Double) -> (y: TensorValue, inverseNorm: TensorValue) {
        let (rows, columns) = (x.shape.rowCount, x.shape[-1])
        let (y, inverse) = (empty(x.shape), empty([rows]))
        let (xs, ys, ns) = (x.pointer, y.mutablePointer, inverse.mutablePointer)
        forEachTile(rows, of: Self.rowTile(columns: columns)) {
            let start = $0.lowerBound * columns
            kernel_l2_normalize(xs + start, Float(epsilon), ys + start, ns + $0.lowerBound, $0.count, columns)
        }
        return (y, inverse)
    }

    package func l2NormalizedVJP(
        _ gradient: TensorValue,
        y: TensorValue,
        inverseNorm: TensorValue
    ) -> TensorValue {
        let dx = empty(y.shape)
        let (rows, columns) = (y.shape.rowCount, y.shape[-1])
        let (gs, ys, ns, dxs) = (gradient.pointer, y.pointer, inverseNorm.pointer, dx.mutablePointer)
        forEachTile(rows, of: Self.rowTile(columns: columns)) {
            let start = $0.lowerBound * columns
            kernel_l2_normalize_vjp(gs + start, ys + start, ns + $0.lowerBound, dxs + start, $0.count, columns)
        }
        return dx
    }
}
