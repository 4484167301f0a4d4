import CKernels

/// Attention in tiles of scores with a running softmax (Dao et al. 2022, arXiv:2205.14135): memory grows with T, not T².
///
/// Heads are read and written in place by their stride within packed rows; nothing is split or transposed in memory.
extension CPUBackend {
    package func attention(_ qkv: TensorValue, headCount: Int) -> (y: TensorValue, logSum: TensorValue) {
        let extents = AttentionExtents(qkv.shape, headCount: headCount)
        let y = empty([extents.images, extents.tokens, extents.width])
        let logSum = empty([extents.images, extents.heads, extents.tokens])
        let (qkv, ys, sums) = (qkv.pointer, y.mutablePointer, logSum.mutablePointer)
        // One task a (image, head, query block): nothing is shared between them.
        threads.parallelFor(extents.images * extents.heads * extents.blockCount) { [pool] task in
            let (pair, block) = task.quotientAndRemainder(dividingBy: extents.blockCount)
            let (image, head) = pair.quotientAndRemainder(dividingBy: extents.heads)
            let packed = qkv + extents.offset(image: image, head: head, stride: extents.rowStride)
            let queries = extents.queries(ofBlock: block)
            Self.attend(
                AttentionHead(packed, extents),
                queries,
                into: ys + extents.offset(image: image, head: head, stride: extents.width)
                    + queries.lowerBound * extents.width,
                logSum: sums + pair * extents.tokens + queries.lowerBound,
                pool
            )
        }
        return (y, logSum)
    }

    /// One block of query rows of one head against all keys, tile by tile; writes `[queries, S]` of Y.
    private static func attend(
        _ head: AttentionHead,
        _ queries: Range<Int>,
        into y: UnsafeMutablePointer<Float>,
        logSum: UnsafeMutablePointer<Float>,
        _ pool: StoragePool
    ) {
        let extents = head.extents
        let (rows, tile, width, size) = (queries.count, extents.keyTile, extents.width, extents.headSize)
        withScratch(rows * (tile + 3), from: pool) { scores in
            let maximum = scores + rows * tile
            let (total, correction) = (maximum + rows, maximum + 2 * rows)
            kernel_fill(-.infinity, maximum, rows)
            kernel_fill(0, total, rows)
            for keys in extents.keyTiles {
                let isFirst = keys.lowerBound == 0
                head.queries(queries).multiply(head.keys(keys).transposed, into: scores, stride: tile)
                kernel_softmax_tile(scores, tile, extents.scale, maximum, total, correction, rows, keys.count)
                if !isFirst { kernel_scale_rows(y, width, correction, rows, size) }
                MatrixView(scores, rows: rows, columns: keys.count, stride: tile)
                    .multiply(head.values(keys), into: y, stride: width, adding: !isFirst)
            }
            kernel_softmax_finish(maximum, total, logSum, rows)
            kernel_scale_rows(y, width, total, rows, size)
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
        let (qkv, dqkv, sums) = (qkv.pointer, result.mutablePointer, logSum.pointer)
        let (ys, dys) = (y.pointer, gradient.pointer)
        // One task a head: the sums into dK and dV run over query blocks in order, whoever computes them.
        threads.parallelFor(extents.images * extents.heads) { [pool] pair in
            let (image, head) = pair.quotientAndRemainder(dividingBy: extents.heads)
            let packed = extents.offset(image: image, head: head, stride: extents.rowStride)
            let plain = extents.offset(image: image, head: head, stride: extents.width)
            Self.attendVJP(
                AttentionHead(qkv + packed, extents),
                into: dqkv + packed,
                y: ys + plain,
                dy: dys + plain,
                logSum: sums + pair * extents.tokens,
                pool
            )
        }
        return result
    }

    /// One head, with its probabilities P computed again from the scores and their log-sums:
    /// dV = Pᵀ·dY, dS = P∘(dY·Vᵀ − rowsum(dY∘Y)), dQ = dS·K, dK = dSᵀ·Q.
    private static func attendVJP(
        _ head: AttentionHead,
        into dquery: UnsafeMutablePointer<Float>,
        y: UnsafePointer<Float>,
        dy: UnsafePointer<Float>,
        logSum: UnsafePointer<Float>,
        _ pool: StoragePool
    ) {
        let extents = head.extents
        let (tile, width, stride, size) = (extents.keyTile, extents.width, extents.rowStride, extents.headSize)
        let (dkey, dvalue) = (dquery + width, dquery + 2 * width)
        withScratch(extents.queryBlock * (2 * tile + 1), from: pool) { probabilities in
            let dscores = probabilities + extents.queryBlock * tile
            let delta = dscores + extents.queryBlock * tile
            for block in 0..<extents.blockCount {
                let queries = extents.queries(ofBlock: block)
                let (rows, first) = (queries.count, queries.lowerBound)
                let dout = MatrixView(dy + first * width, rows: rows, columns: size, stride: width)
                kernel_row_dots(dout.start, width, y + first * width, width, delta, rows, size)
                for keys in extents.keyTiles {
                    let (columns, start) = (keys.count, keys.lowerBound * stride)
                    let p = MatrixView(probabilities, rows: rows, columns: columns, stride: tile)
                    let ds = MatrixView(dscores, rows: rows, columns: columns, stride: tile)
                    head.queries(queries).multiply(head.keys(keys).transposed, into: probabilities, stride: tile)
                    kernel_softmax_recompute(probabilities, tile, extents.scale, logSum + first, rows, columns)
                    p.transposed.multiply(dout, into: dvalue + start, stride: stride, adding: block > 0)
                    dout.multiply(head.values(keys).transposed, into: dscores, stride: tile)
                    kernel_softmax_vjp(probabilities, dscores, tile, extents.scale, delta, rows, columns)
                    ds.multiply(
                        head.keys(keys),
                        into: dquery + first * stride,
                        stride: stride,
                        adding: keys.lowerBound > 0
                    )
                    ds.transposed.multiply(
                        head.queries(queries),
                        into: dkey + start,
                        stride: stride,
                        adding: block > 0
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

/// One head of one image inside packed rows.
private struct AttentionHead {
    private let packed: UnsafePointer<Float>
    let extents: AttentionExtents

    init(_ packed: UnsafePointer<Float>, _ extents: AttentionExtents) {
        self.packed = packed
        self.extents = extents
    }

    func queries(_ rows: Range<Int>) -> MatrixView { part(0, rows) }
    func keys(_ rows: Range<Int>) -> MatrixView { part(1, rows) }
    func values(_ rows: Range<Int>) -> MatrixView { part(2, rows) }

    private func part(_ third: Int, _ rows: Range<Int>) -> MatrixView {
        MatrixView(
            packed + third * extents.width + rows.lowerBound * extents.rowStride,
            rows: rows.count,
            columns: extents.headSize,
            stride: extents.rowStride
        )
    }
}
