package import Tensors

extension ResidualAttentionBlock {
    /// A causal block over sequences of which many begin alike; see `MultiHeadAttention.mixed(prefix:suffix:)`.
    ///
    /// - Parameters:
    ///   - prefix: `[P, M, C]`, the beginnings.
    ///   - suffix: `[P·S, T, C]`, the rests, S for each beginning in turn.
    /// - Precondition: the block is causal, so that no beginning sees its rests.
    package func callAsFunction(prefix: Tensor, suffix: Tensor) -> (prefix: Tensor, suffix: Tensor) {
        precondition(attention.isCausal, "a beginning that looks ahead cannot be shared")
        let mixed = attention.mixed(prefix: attentionNorm(prefix), suffix: attentionNorm(suffix))
        return (finish(prefix, mixed.prefix), finish(suffix, mixed.suffix))
    }

    /// The same for single tokens of the rests, numbered through all P·S·T; nothing else is finished: → `[N, C]`.
    package func callAsFunction(prefix: Tensor, suffix: Tensor, atRows rows: [Int32]) -> Tensor {
        precondition(attention.isCausal, "a beginning that looks ahead cannot be shared")
        let mixed = attention.mixed(prefix: attentionNorm(prefix), suffix: attentionNorm(suffix)).suffix
        let flat: Shape = [suffix.shape[0] * suffix.shape[1], suffix.shape[2]]
        return finish(
            suffix.reshaped(to: flat).gatheredRows(rows),
            mixed.reshaped(to: flat).gatheredRows(rows)
        )
    }

    private func finish(_ x: Tensor, _ mixed: Tensor) -> Tensor {
        addingMLP(to: x + scaled(attention.output(mixed), by: attentionScale))
    }
}
