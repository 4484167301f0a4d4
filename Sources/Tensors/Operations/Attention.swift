extension Tensor {
    /// Multi-head self-attention: softmax(Q·Kᵀ/√S)·V for each head of size S = D/headCount.
    ///
    /// Scores exist in tiles only; the backward pass computes them again from Q, K and each row's log-sum.
    ///
    /// - Parameter isCausal: whether each token looks at itself and those before it only. What it gets then has equal
    ///   bits whatever follows it, and the blocks of scores that nobody looks at are not computed.
    /// - Returns: `[B, T, D]` for a receiver `[B, T, 3·D]` that holds queries, keys and values, heads contiguous.
    /// - SeeAlso: Vaswani et al. 2017, arXiv:1706.03762; Dao et al. 2022, arXiv:2205.14135.
    package func attention(headCount: Int, isCausal: Bool = false) -> Tensor {
        precondition(
            shape.rank == 3 && headCount > 0 && shape[2] % (3 * headCount) == 0,
            "attention: \(shape) does not hold queries, keys and values of \(headCount) heads"
        )
        let (backend, qkv) = (backend, value)
        let (y, logSum) = backend.attention(qkv, headCount: headCount, isCausal: isCausal)
        return y.recorded(from: [self]) { gradient in
            [
                backend.attentionVJP(
                    gradient,
                    qkv: qkv,
                    y: y,
                    logSum: logSum,
                    headCount: headCount,
                    isCausal: isCausal
                )
            ]
        }
    }
}
