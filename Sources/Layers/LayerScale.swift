package import Tensors

/// A learned factor per channel on a residual branch, started small so that deep stacks begin near the identity.
///
/// - SeeAlso: Touvron et al. 2021, "Going deeper with Image Transformers", arXiv:2103.17239, section 2.
package struct LayerScale {
    package let gamma: Tensor

    package init(_ scope: ParameterScope, channels: Int, initialValue: Float) throws {
        gamma = try scope.parameter("gamma", [channels], .constant(initialValue))
    }

    /// `[..., channels]`, shape kept.
    package func callAsFunction(_ x: Tensor) -> Tensor {
        x.multiplied(row: gamma)
    }
}
