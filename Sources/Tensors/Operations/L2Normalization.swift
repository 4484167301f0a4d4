extension Tensor {
    /// Rows divided by max(‖row‖₂, epsilon). Where the norm is below epsilon no gradient passes.
    package func l2Normalized(epsilon: Float = 1e-12) -> Tensor {
        let backend = backend
        let (y, inverseNorm) = backend.l2Normalized(value, epsilon: Double(epsilon))
        return y.recorded(from: [self]) { [backend.l2NormalizedVJP($0, y: y, inverseNorm: inverseNorm)] }
    }
}
