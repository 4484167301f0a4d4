package import Tensors

/// Normalises each row over the last axis, then scales and shifts by channel.
///
/// - SeeAlso: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
package struct LayerNorm {
    package let weight: Tensor
    package let bias: Tensor
    package let epsilon: Float

    /// - Parameter epsilon: 1e-5 in CLIP, 1e-6 in EVA and DINOv2.
    package init(_ scope: ParameterScope, channels: Int, epsilon: Float = 1e-5) throws {
        weight = try scope.parameter("weight", [channels], .ones)
        bias = try scope.parameter("bias", [channels], .zeros)
        self.epsilon = epsilon
    }

    /// `[..., channels]`, shape kept.
    package func callAsFunction(_ x: Tensor) -> Tensor {
        x.layerNorm(weight: weight, bias: bias, epsilon: epsilon)
    }
}
