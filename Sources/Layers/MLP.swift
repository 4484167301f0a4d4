package import Tensors

/// Two linear layers with an activation between: the position-wise half of a transformer block.
package struct MLP {
    package let expand: Linear
    package let activation: Activation
    package let contract: Linear

    /// - Parameter residualDepth: residual branches in the whole stack, by which the output layer starts smaller.
    package init(
        _ scope: ParameterScope,
        channels: Int,
        hidden: Int,
        activation: Activation,
        residualDepth: Int
    ) throws {
        // OpenAI's rule (Radford et al. 2021, arXiv:2103.00020, released code): (2·width)^-1/2 in,
        // width^-1/2·depth^-1/2 out, where depth counts both branches of each block.
        let width = Double(channels)
        expand = try Linear(
            scope("c_fc"),
            inputs: channels,
            outputs: hidden,
            weight: .normal(deviation: 1 / (2 * width).squareRoot())
        )
        self.activation = activation
        contract = try Linear(
            scope("c_proj"),
            inputs: hidden,
            outputs: channels,
            weight: .normal(deviation: 1 / (width * Double(residualDepth)).squareRoot())
        )
    }

    /// `[..., C]` → `[..., C]`
    package func callAsFunction(_ x: Tensor) -> Tensor {
        contract(activation(expand(x)))  // [..., C] → [..., hidden] → [..., C]
    }
}
