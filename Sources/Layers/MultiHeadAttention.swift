package import Tensors

/// Self-attention with PyTorch's fused `in_proj`, whose rows are all queries, then all keys, then all values.
///
/// - SeeAlso: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.
package struct MultiHeadAttention {
    package let inputWeight: Tensor  // [3D, D]
    package let inputBias: Tensor  // [3D]
    package let output: Linear
    package let channels: Int
    package let headCount: Int
    /// Whether a token attends to itself and those before it only.
    package let isCausal: Bool

    /// - Parameter residualDepth: as for `MLP`.
    package init(
        _ scope: ParameterScope,
        channels: Int,
        headCount: Int,
        isCausal: Bool = false,
        residualDepth: Int
    ) throws {
        precondition(channels % headCount == 0, "\(channels) channels do not divide into \(headCount) heads")
        let width = Double(channels)
        inputWeight = try scope.parameter(
            "in_proj_weight",
            [3 * channels, channels],
            .normal(deviation: 1 / width.squareRoot())
        )
        inputBias = try scope.parameter("in_proj_bias", [3 * channels], .zeros)
        output = try Linear(
            scope("out_proj"),
            inputs: channels,
            outputs: channels,
            weight: .normal(deviation: 1 / (width * Double(residualDepth)).squareRoot())
        )
        self.channels = channels
        self.headCount = headCount
        self.isCausal = isCausal
    }

    /// `[B, T, D]` → `[B, T, D]`, every token attending to every token of its image, or of its text so far.
    ///
    /// - Parameter tokens: whose results are wanted, if not all: `[B, T, D]` → `[B, tokens, D]`.
    package func callAsFunction(_ x: Tensor, for tokens: Range<Int>? = nil) -> Tensor {
        let mixed = mixed(x)
        return output(tokens.map { mixed.sliced(axis: 1, $0) } ?? mixed)
    }

    /// `[B, T, D]` → `[N, D]`: the results of single tokens, numbered through all B·T.
    package func callAsFunction(_ x: Tensor, atRows rows: [Int32]) -> Tensor {
        let mixed = mixed(x)
        return output(mixed.reshaped(to: [x.shape[0] * x.shape[1], channels]).gatheredRows(rows))
    }

    private func mixed(_ x: Tensor) -> Tensor {
        x.linear(weight: inputWeight, bias: inputBias)  // [B, T, 3D]
            .attention(headCount: headCount, isCausal: isCausal)  // [B, T, D]
    }

    /// What a token would receive if it attended to itself alone: value and output projection, no mixing.
    ///
    /// Queries and keys take no part, so rows 0..<2D of `in_proj` get no gradient here.
    /// - SeeAlso: Zhou, Loy and Dai 2022, "Extract Free Dense Labels from CLIP" (MaskCLIP), arXiv:2112.01071,
    ///   section 3.2; Wu et al. 2024 (CLIPSelf), arXiv:2310.01403.
    package func valuePath(_ x: Tensor) -> Tensor {
        let rows = Self.valueRows(channels: channels)
        let value = x.linear(
            weight: inputWeight.sliced(axis: 0, rows),  // [D, D]
            bias: inputBias.sliced(axis: 0, rows)  // [D]
        )
        return output(value)  // [B, T, D]
    }

    /// The rows of the fused projection that make values.
    package static func valueRows(channels: Int) -> Range<Int> {
        2 * channels..<3 * channels
    }
}
