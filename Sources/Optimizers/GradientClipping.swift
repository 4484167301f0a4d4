/// Shrinks a gradient whose global norm exceeds a limit, keeping its direction.
///
/// - SeeAlso: Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063; the 1e-6 is `torch.nn.utils.clip_grad_norm_`'s.
package struct GradientClipping: Hashable, Sendable {
    package let maximumNorm: Double

    package init(maximumNorm: Double) {
        precondition(maximumNorm > 0, "a limit of \(maximumNorm) would erase every gradient")
        self.maximumNorm = maximumNorm
    }

    /// The factor for every element; 1 below the limit.
    package func scale(forNorm norm: Double) -> Double {
        min(1, maximumNorm / (norm + 1e-6))
    }
}
