import CKernels

/// Attention in blocks of scores with a running softmax (Dao et al. 2022, arXiv:2205.14135): memory grows with T, not T².
///
/// Heads are read and written in place by their stride within packed rows; nothing is split or transposed in memory.
extension CPUBackend {
    package func attention(
        _ qkv: TensorValue,
        headCount: Int,
        isCausal: Bool
    ) -> (y: TensorValue, logSum: TensorValue) {
        let extents = AttentionExtents(qkv.shape, headCount: headCount, isCausal: isCausal)
        let (head, shares) = (extents.head, extents.shares(of: extents.queryShare))
        let y = empty([extents.images, extents.tokens, extents.width])
        let logSum = empty([extents.images, extents.heads, extents.tokens])
        let (qkv, ys, sums) = (qkv.pointer, y.mutablePointer, logSum.mutablePointer)
        let scratchCount = kernel_attention_scratch(head, extents.queryShare)
        // One task a head and share of its queries: nothing is written by two.
        threads.parallelFor(extents.headCount * shares.count) { [pool] task in
            let (index, share) = task.quotientAndRemainder(dividingBy: shares.count)
            let queries = shares[share]
            Self.withScratch(scratchCount, from: pool) { scratch in
                kernel_attention(
                    qkv + extents.offset(ofHead: index, stride: extents.rowStride),
                    head,
                    queries.lowerBound,
                    queries.count,
                    ys + extents.offset(ofHead: index, stride: extents.width),
                    sums + index * extents.tokens,
                    scratch
                )
            }
        }
        return (y, logSum)
    }

    /// With the probabilities P computed again from the scores and their log-sums:
    /// dV = Pᵀ·dY, dS = P∘(dY·Vᵀ − rowsum(dY∘Y)), dQ = dS·K, dK = dSᵀ·Q.
    package func attentionVJP(
        _ gradient: TensorValue,
        qkv: TensorValue,
        y: TensorValue,
        logSum: TensorValue,
        headCount: Int,
        isCausal: Bool
    ) -> TensorValue {
        let extents = AttentionExtents(qkv.shape, headCount: headCount, isCausal: isCausal)
        let (head, shares) = (extents.head, extents.shares(of: extents.keyShare))
        let result = empty(qkv.shape)
        let partCount = kernel_attention_query_gradient(head)
        let parts = empty([extents.headCount, shares.count, partCount])
        let (qkv, dqkv, sums) = (qkv.pointer, result.mutablePointer, logSum.pointer)
        let (ys, dys, dqueries) = (y.pointer, gradient.pointer, parts.mutablePointer)
        let scratchCount = kernel_attention_vjp_scratch(head)
        // One task a head and share of its keys; what the shares contribute to a query is added in order afterwards.
        threads.parallelFor(extents.headCount * shares.count) { [pool] task in
            let (index, share) = task.quotientAndRemainder(dividingBy: shares.count)
            let packed = extents.offset(ofHead: index, stride: extents.rowStride)
            let plain = extents.offset(ofHead: index, stride: extents.width)
            Self.withScratch(scratchCount, from: pool) { scratch in
                kernel_attention_vjp(
                    qkv + packed,
                    ys + plain,
                    dys + plain,
                    sums + index * extents.tokens,
                    head,
                    shares[share].lowerBound,
                    shares[share].count,
                    dqkv + packed,
                    dqueries + task * partCount,
                    scratch
                )
            }
        }
        threads.parallelFor(extents.headCount) { index in
            kernel_attention_sum_query_gradient(
                dqueries + index * shares.count * partCount,
                shares.count,
                head,
                dqkv + extents.offset(ofHead: index, stride: extents.rowStride)
            )
        }
        return withExtendedLifetime(parts) { result }
    }

    /// Floats for the duration of a task, from the pool that recycles them.
    private static func withScratch(
        _ count: Int,
        from pool: StoragePool,
        _ body: (UnsafeMutablePointer<Float>) -> Void
    ) {
        let storage = Storage(byteCount: count * MemoryLayout<Float>.size, from: pool)
        withExtendedLifetime(storage) { body(storage.address.assumingMemoryBound(to: Float.self)) }
    }
}
