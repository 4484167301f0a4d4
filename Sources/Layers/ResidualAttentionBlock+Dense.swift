package import Tensors

extension ResidualAttentionBlock {
    /// What dense read-outs make of a block: values mixed their own way, the rest of the block kept or left out.
    ///
    /// - Parameters:
    ///   - tokens: whose results are wanted: `[B, T, C]` → `[B, tokens, C]`. Where no token looks at another, the rest is
    ///     not computed.
    ///   - bias: as for `MultiHeadAttention`.
    ///   - isReduced: whether the attention's branch alone is the result, without residual and MLP.
    package func dense(
        _ x: Tensor,
        for tokens: Range<Int>,
        mixing: AttentionMixing,
        bias: Tensor? = nil,
        isReduced: Bool
    ) -> Tensor {
        let wanted = x.sliced(axis: 1, tokens)
        let mixed =
            mixing == .identity
            ? attention.valuePath(attentionNorm(wanted))
            : attention(attentionNorm(x), mixing: mixing, bias: bias).sliced(axis: 1, tokens)
        let branch = scaled(mixed, by: attentionScale)
        return isReduced ? branch : addingMLP(to: wanted + branch)
    }
}
