extension Tensor {
    /// A grid of vectors resampled to another size, each output between its four nearest inputs.
    ///
    /// As PyTorch's `interpolate(mode="bilinear", align_corners=False)` without antialias.
    ///
    /// - Returns: `[to.rows·to.columns, D]` for a receiver `[from.rows·from.columns, D]`; itself if the sizes agree.
    package func bilinearResized(from source: Grid, to target: Grid) -> Tensor {
        precondition(
            shape.rank == 2 && shape[0] == source.count,
            "bilinearResized: \(shape) is not a grid of \(source)"
        )
        guard source != target else { return self }
        let down = BilinearTaps(from: source.rows, to: target.rows)
        let across = BilinearTaps(from: source.columns, to: target.columns)
        let width = source.columns
        // One axis after the other, the shorter table first: [rows, columns] → [rows', columns] → [rows', columns'].
        func rows(_ taps: [Int]) -> [Int32] { taps.flatMap { row in (0..<width).map { Int32(row * width + $0) } } }
        func columns(_ taps: [Int]) -> [Int32] {
            (0..<target.rows).flatMap { row in taps.map { Int32(row * width + $0) } }
        }
        return interpolated(
            rows(down.near),
            rows(down.far),
            down.shares.flatMap { Array(repeating: Float($0), count: width) }
        )
        .interpolated(
            columns(across.near),
            columns(across.far),
            (0..<target.rows).flatMap { _ in across.shares.map(Float.init) }
        )
    }

    /// `(1 − share)·row(near) + share·row(far)` for each output row.
    private func interpolated(_ near: [Int32], _ far: [Int32], _ shares: [Float]) -> Tensor {
        let (backend, rows) = (backend, shape[0])
        func factors(_ share: (Float) -> Float) -> TensorValue {
            backend.value([shares.count]) { factors in
                for (index, value) in shares.enumerated() { factors[index] = share(value) }
            }
        }
        let (ofNear, ofFar) = (factors { 1 - $0 }, factors { $0 })
        let value = backend.add(
            backend.scaledRows(backend.gatheredRows(value, near), by: ofNear),
            backend.scaledRows(backend.gatheredRows(value, far), by: ofFar)
        )
        return value.recorded(from: [self]) { gradient in
            [
                backend.add(
                    backend.gatheredRowsVJP(backend.scaledRows(gradient, by: ofNear), near, rows: rows),
                    backend.gatheredRowsVJP(backend.scaledRows(gradient, by: ofFar), far, rows: rows)
                )
            ]
        }
    }
}
