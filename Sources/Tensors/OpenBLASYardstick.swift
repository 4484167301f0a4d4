import COpenBLAS

/// OpenBLAS's own `cblas_sgemm` on plain matrices, with its own threads: what a product is measured beside.
///
/// Only benchmarks call it, in a process that computes nothing else meanwhile: OpenBLAS's thread count is the process's.
package enum OpenBLASYardstick {
    /// `target = op(a)·op(b)`, all row-major and dense; `[M, K]`·`[K, N]` after any transposition.
    ///
    /// - Parameter threadCount: as many threads as OpenBLAS may use for this call.
    package static func multiply(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        into target: TensorValue,
        threadCount: Int
    ) {
        let (rows, inner) = transposesA ? (a.shape[-1], a.shape.rowCount) : (a.shape.rowCount, a.shape[-1])
        let columns = transposesB ? b.shape.rowCount : b.shape[-1]
        precondition(target.count == rows * columns, "\(target.shape) does not hold [\(rows), \(columns)]")
        let before = Int(stillhouse_blas_thread_count())
        if before != threadCount { stillhouse_blas_set_thread_count(Int32(threadCount)) }
        defer { if before != threadCount { stillhouse_blas_set_thread_count(Int32(before)) } }
        stillhouse_sgemm(
            transposesA,
            transposesB,
            rows,
            columns,
            inner,
            1,
            a.pointer,
            a.shape[-1],
            b.pointer,
            b.shape[-1],
            0,
            target.mutablePointer,
            columns
        )
    }
}
