package import Tensors

/// y = x·Wᵀ + b over the last axis, with PyTorch's `[outputs, inputs]` weight.
package struct Linear {
    package let weight: Tensor
    package let bias: Tensor?

    /// - Parameters:
    ///   - weight: how `[outputs, inputs]` starts; by default as in PyTorch.
    ///   - bias: how `[outputs]` starts.
    package init(
        _ scope: ParameterScope,
        inputs: Int,
        outputs: Int,
        hasBias: Bool = true,
        weight: Initialization? = nil,
        bias: Initialization = .zeros
    ) throws {
        self.weight = try scope.parameter("weight", [outputs, inputs], weight ?? .fanIn(inputs))
        self.bias = hasBias ? try scope.parameter("bias", [outputs], bias) : nil
    }

    /// `[..., inputs]` → `[..., outputs]`
    package func callAsFunction(_ x: Tensor) -> Tensor {
        x.linear(weight: weight, bias: bias)
    }
}
