extension Tensor {
    /// `softmax(factor · (x − row))` over the last axis, without history: nobody differentiates a target.
    ///
    /// - Parameter row: `[C]`, subtracted from each row of `[..., C]`.
    package func softmax(minus row: Tensor? = nil, scaledBy factor: Double = 1) -> Tensor {
        precondition(row == nil || row?.shape == [shape[-1]], "softmax(minus:): no row of \(shape)")
        return Tensor(backend.softmax(value, minus: row?.value, scaledBy: factor))
    }

    /// The cross entropy of `softmax(factor · x)` to given distributions, one a row: `[R, C]`, `[T, C]` → `[R]`.
    ///
    /// - Parameter targets: rows that sum to 1, without history; target t serves rows t·R/T to (t + 1)·R/T.
    package func crossEntropy(to targets: Tensor, scaledBy factor: Double = 1) -> Tensor {
        precondition(
            shape.rank == 2 && targets.shape.rank == 2 && shape[1] == targets.shape[1] && targets.shape[0] > 0
                && shape[0] % targets.shape[0] == 0,
            "crossEntropy: \(targets.shape) are no targets of \(shape)"
        )
        let (backend, x, wanted) = (backend, value, targets.value)
        let (losses, logSum) = backend.crossEntropy(x, to: wanted, scaledBy: factor)
        return losses.recorded(from: [self]) {
            [backend.crossEntropyVJP($0, at: x, to: wanted, logSum: logSum, scaledBy: factor)]
        }
    }
}
