import Tensors

extension MultiHeadAttention {
    /// Causal attention of sequences of which many begin alike, with every linear layer of a shared beginning computed
    /// once: what `callAsFunction(_:)` gives for beginning and rest joined, up to rounding.
    ///
    /// - Parameters:
    ///   - prefix: `[P, M, D]`, the beginnings.
    ///   - suffix: `[P·S, T, D]`, the rests, S for each beginning in turn.
    /// - Returns: before the output projection, `[P, M, D]` and `[P·S, T, D]`.
    func mixed(prefix: Tensor, suffix: Tensor) -> (prefix: Tensor, suffix: Tensor) {
        let (groups, length, rows) = (prefix.shape[0], prefix.shape[1], suffix.shape[0])
        let (first, rest) = (project(prefix), project(suffix))  // [P, M, 3D], [P·S, T, 3D]
        let owner = (0..<rows).map { Int32($0 / (rows / groups)) }
        let repeated = first.reshaped(to: [groups, length * 3 * channels]).gatheredRows(owner)
            .reshaped(to: [rows, length, 3 * channels])
        let whole = Tensor.concatenated([repeated, rest], axis: 1)  // [P·S, M + T, 3D]
            .attention(headCount: headCount, isCausal: true)
        return (
            first.attention(headCount: headCount, isCausal: true),
            whole.sliced(axis: 1, length..<length + suffix.shape[1])
        )
    }

    private func project(_ x: Tensor) -> Tensor { x.linear(weight: inputWeight, bias: inputBias) }
}
