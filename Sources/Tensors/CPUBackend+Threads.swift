import COpenBLAS

extension CPUBackend {
    private static let limitOnce: Void = stillhouse_blas_set_thread_count(1)

    /// The one place where OpenBLAS's thread count is set, before the first product.
    ///
    /// Its own threading chooses tiles by thread count, which changes bits, and would compete with ours for the cores.
    static func limitBLASToOneThread() { limitOnce }
}
