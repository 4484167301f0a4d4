package import Tensors

/// Σ (1 − cos(s_i, t_i)) over rows: a sum, because jobs add up and the aggregator divides once.
package enum CosineDistance {
    /// - Parameters:
    ///   - student: `[R, E]`, of any length.
    ///   - teacher: `[R, E]`, unit rows without history.
    /// - Returns: `total`, a scalar with the gradient of the sum of distances (its value lacks the constant R), and the
    ///   distances, `[R]`.
    /// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, equation 1.
    package static func sum(_ student: Tensor, _ teacher: Tensor) -> (total: Tensor, distances: [Float]) {
        let cosines = student.l2Normalized(epsilon: 1e-12).rowDots(teacher)  // [R]
        return (cosines.sum().scaled(by: -1), cosines.floats.map { 1 - $0 })
    }
}
