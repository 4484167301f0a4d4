import COpenBLAS
import CKernels

/// The extents of one packed attention call. B images, T tokens, H heads of size S; D = H·S.
private struct AttentionExtents {
    let images: Int
    let tokens: Int
    let heads: Int
    let headSize: Int
    /// Query rows handled together, and keys per tile of scores: a tile (and, backwards, two) stays in the L2 cache.
    /// Both follow from T alone.
    let queryBlock: Int
    let keyTile: Int

    init(_ qkv: Shape, headCount: Int) {
        (images, tokens, heads) = (qkv[0], qkv[1], headCount)
        headSize = qkv[2] / 3 / headCount
        queryBlock = Self.even(tokens, atMost: 128)
        keyTile = Self.even(tokens, atMost: 512)
    }

    var width: Int { heads * headSize }
    var rowStride: Int { 3 * width }
    var blockCount: Int { (tokens + queryBlock - 1) / queryBlock }
    var scale: Float { 1 / Float(headSize).squareRoot() }

    func queries(of block: Int) -> Range<Int> { block * queryBlock..<min((block + 1) * queryBlock, tokens) }

    var keyTiles: [Range<Int>] {
        stride(from: 0, to: tokens, by: keyTile).map { $0..<min($0 + keyTile, tokens) }
    }

    private static func even(_ count: Int, atMost largest: Int) -> Int {
        let parts = max((count + largest - 1) / largest, 1)
        return max((count + parts - 1) / parts, 1)
    }
}

/// Where one head's queries, keys and values begin inside packed rows: heads are read in place, by their stride.
private struct Head<Pointer: Strideable> where Pointer.Stride == Int {
    let query: Pointer
    let key: Pointer
    let value: Pointer

    init(_ qkv: Pointer, image: Int, head: Int, _ extents: AttentionExtents) {
        query = qkv.advanced(by: image * extents.tokens * extents.rowStride + head * extents.headSize)
        key = query.advanced(by: extents.width)
        value = key.advanced(by: extents.width)
    }
}

/// Attention in tiles of scores with a running softmax (Dao et al. 2022, arXiv:2205.14135): memory grows with T, not T².
extension CPUBackend {
    package func attention(_ qkv: TensorValue, headCount: Int) -> (y: TensorValue, logSum: TensorValue) {
        let extents = AttentionExtents(qkv.shape, headCount: headCount)
        let y = empty([extents.images, extents.tokens, extents.width])
        let logSum = empty([extents.images, extents.heads, extents.tokens])
        let (qkv, out, sums) = (qkv.pointer, y.mutablePointer, logSum.mutablePointer)
        // One task a (image, head, query block): nothing is shared between them.
        threads.parallelFor(extents.images * extents.heads * extents.blockCount) { [pool] task in
            let (pair, block) = task.quotientAndRemainder(dividingBy: extents.blockCount)
            let (image, head) = pair.quotientAndRemainder(dividingBy: extents.heads)
            let queries = extents.queries(of: block)
            Self.attend(
                Head(qkv, image: image, head: head, extents),
                queries,
                extents,
                out: out + (image * extents.tokens + queries.lowerBound) * extents.width + head * extents.headSize,
                logSum: sums + pair * extents.tokens + queries.lowerBound,
                pool
            )
        }
        return (y, logSum)
    }

    /// One block of query rows against all keys, tile by tile.
    private static func attend(
        _ head: Head<UnsafePointer<Float>>,
        _ queries: Range<Int>,
        _ extents: AttentionExtents,
        out: UnsafeMutablePointer<Float>,
        logSum: UnsafeMutablePointer<Float>,
        _ pool: StoragePool
    ) {
        let (rows, size, stride) = (queries.count, extents.headSize, extents.rowStride)
        withScratch(rows * (extents.keyTile + 3), from: pool) { scores in
            let maximum = scores + rows * extents.keyTile
            let (total, correction) = (maximum + rows, maximum + 2 * rows)
            kernel_fill(-.infinity, maximum, rows)
            kernel_fill(0, total, rows)
            for (index, keys) in extents.keyTiles.enumerated() {
                let query = head.query + queries.lowerBound * stride
                let (key, value) = (head.key + keys.lowerBound * stride, head.value + keys.lowerBound * stride)
                // [rows, keys] = [rows, S]·[keys, S]ᵀ
                stillhouse_sgemm(
                    false, true, rows, keys.count, size, 1, query, stride, key, stride, 0, scores, extents.keyTile
                )
                kernel_softmax_tile(
                    scores, extents.keyTile, extents.scale, maximum, total, correction, rows, keys.count
                )
                if index > 0 { kernel_scale_rows(out, extents.width, correction, rows, size) }
                // [rows, S] += [rows, keys]·[keys, S]
                stillhouse_sgemm(
                    false, false, rows, size, keys.count, 1, scores, extents.keyTile, value, stride,
                    index > 0 ? 1 : 0, out, extents.width
                )
            }
            kernel_softmax_finish(maximum, total, logSum, rows)
            kernel_scale_rows(out, extents.width, total, rows, size)
        }
    }

    package func attentionVJP(
        _ gradient: TensorValue,
        qkv: TensorValue,
        y: TensorValue,
        logSum: TensorValue,
        headCount: Int
    ) -> TensorValue {
        let extents = AttentionExtents(qkv.shape, headCount: headCount)
        let result = empty(qkv.shape)
        let (dqkv, sums) = (result.mutablePointer, logSum.pointer)
        let (qkv, y, dy) = (qkv.pointer, y.pointer, gradient.pointer)
        // One task a head: the sums into dK and dV run over query blocks in order, whoever computes them.
        threads.parallelFor(extents.images * extents.heads) { [pool] pair in
            let (image, head) = pair.quotientAndRemainder(dividingBy: extents.heads)
            let start = image * extents.tokens * extents.width + head * extents.headSize
            Self.attendVJP(
                Head(qkv, image: image, head: head, extents),
                into: Head(dqkv, image: image, head: head, extents),
                extents,
                y: y + start,
                dy: dy + start,
                logSum: sums + pair * extents.tokens,
                pool
            )
        }
        return result
    }

    /// One head, with the probabilities P computed again: dV = Pᵀ·dY, dS = P∘(dY·Vᵀ − rowsum(dY∘Y)), dQ = dS·K, dK = dSᵀ·Q.
    private static func attendVJP(
        _ head: Head<UnsafePointer<Float>>,
        into gradient: Head<UnsafeMutablePointer<Float>>,
        _ extents: AttentionExtents,
        y: UnsafePointer<Float>,
        dy: UnsafePointer<Float>,
        logSum: UnsafePointer<Float>,
        _ pool: StoragePool
    ) {
        let (size, stride, width, tile) = (extents.headSize, extents.rowStride, extents.width, extents.keyTile)
        withScratch(extents.queryBlock * (2 * tile + 1), from: pool) { probabilities in
            let dscores = probabilities + extents.queryBlock * tile
            let delta = dscores + extents.queryBlock * tile
            for block in 0..<extents.blockCount {
                let queries = extents.queries(of: block)
                let (rows, first) = (queries.count, queries.lowerBound)
                let (query, dout) = (head.query + first * stride, dy + first * width)
                kernel_row_dots(dout, width, y + first * width, width, delta, rows, size)
                for (index, keys) in extents.keyTiles.enumerated() {
                    let (columns, start) = (keys.count, keys.lowerBound * stride)
                    let (key, value) = (head.key + start, head.value + start)
                    stillhouse_sgemm(
                        false, true, rows, columns, size, 1, query, stride, key, stride, 0, probabilities, tile
                    )
                    kernel_softmax_recompute(probabilities, tile, extents.scale, logSum + first, rows, columns)
                    stillhouse_sgemm(
                        true, false, columns, size, rows, 1, probabilities, tile, dout, width,
                        block > 0 ? 1 : 0, gradient.value + start, stride
                    )
                    stillhouse_sgemm(
                        false, true, rows, columns, size, 1, dout, width, value, stride, 0, dscores, tile
                    )
                    kernel_softmax_vjp(probabilities, dscores, tile, extents.scale, delta, rows, columns)
                    stillhouse_sgemm(
                        false, false, rows, size, columns, 1, dscores, tile, key, stride,
                        index > 0 ? 1 : 0, gradient.query + first * stride, stride
                    )
                    stillhouse_sgemm(
                        true, false, columns, size, rows, 1, dscores, tile, query, stride,
                        block > 0 ? 1 : 0, gradient.key + start, stride
                    )
                }
            }
        }
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
