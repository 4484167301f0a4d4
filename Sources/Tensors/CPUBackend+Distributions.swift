import CKernels

extension CPUBackend {
    package func softmax(_ x: TensorValue, minus row: TensorValue?, scaledBy factor: Double) -> TensorValue {
        let result = empty(x.shape)
        let (rows, columns) = (x.shape.rowCount, x.shape[-1])
        let (xs, subtracted, ys) = (x.pointer, row?.pointer, result.mutablePointer)
        forEachTile(rows, of: Self.rowTile(columns: columns)) {
            let start = $0.lowerBound * columns
            kernel_softmax(xs + start, subtracted, Float(factor), ys + start, $0.count, columns)
        }
        return result
    }

    package func crossEntropy(_ x: TensorValue, to targets: TensorValue, scaledBy factor: Double)
        -> (losses: TensorValue, logSum: TensorValue)
    {
        let (rows, columns) = (x.shape[0], x.shape[1])
        let (losses, logSum) = (empty([rows]), empty([rows]))
        let (xs, ts, targetRows) = (x.pointer, targets.pointer, targets.shape[0])
        let (ls, ss) = (losses.mutablePointer, logSum.mutablePointer)
        forEachTile(rows, of: Self.rowTile(columns: columns)) { tile in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { scratch in
                let first = tile.lowerBound
                kernel_cross_entropy(
                    xs + first * columns,
                    ts,
                    targetRows,
                    first,
                    Float(factor),
                    ls + first,
                    ss + first,
                    scratch.baseAddress,
                    tile.count,
                    rows,
                    columns
                )
            }
        }
        return (losses, logSum)
    }

    package func crossEntropyVJP(
        _ gradient: TensorValue,
        at x: TensorValue,
        to targets: TensorValue,
        logSum: TensorValue,
        scaledBy factor: Double
    ) -> TensorValue {
        let (rows, columns) = (x.shape[0], x.shape[1])
        let dx = empty(x.shape)
        let (gs, xs, ts, targetRows) = (gradient.pointer, x.pointer, targets.pointer, targets.shape[0])
        let (ss, dxs) = (logSum.pointer, dx.mutablePointer)
        forEachTile(rows, of: Self.rowTile(columns: columns)) { tile in
            let (first, start) = (tile.lowerBound, tile.lowerBound * columns)
            kernel_cross_entropy_vjp(
                gs + first,
                xs + start,
                ts,
                targetRows,
                first,
                Float(factor),
                ss + first,
                dxs + start,
                tile.count,
                rows,
                columns
            )
        }
        return dx
    }
}
