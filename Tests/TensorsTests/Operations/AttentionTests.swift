import TestSupport
import Tensors
import Testing

@Suite struct AttentionTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("equal keys give the mean of the values")
    func uniform() {
        // Two tokens, one head of size 1: query, key, value a row.
        let qkv = Tensor([5, 1, 10, -3, 1, 20], [1, 2, 3], on: backend)
        expectClose(qkv.attention(headCount: 1).floats, [15, 15], tolerance: 1e-5)
    }

    @Test("weights are the softmax of scaled products, head by head")
    func weighted() {
        // Head size 1: the scale is 1. Scores of token 0: 0 and ln 3, so weights 1/4 and 3/4 in head 0; head 1 is even.
        let ln3 = Float(1.0986123)
        let qkv = Tensor([1, 0, 0, 0, 8, 2, 1, 0, ln3, 0, 16, 4], [1, 2, 6], on: backend)
        let y = qkv.attention(headCount: 2)
        #expect(y.shape == [1, 2, 2])
        expectClose(y.floats, [14, 3, 14, 3], tolerance: 1e-5)
    }

    @Test("huge scores neither overflow nor lose the winner")
    func hugeScores() {
        let qkv = Tensor([1000, 1000, 1, 1000, -1000, 2], [1, 2, 3], on: backend)
        expectClose(qkv.attention(headCount: 1).floats, [1, 1])
    }

    @Test("gradients agree with finite differences")
    func gradients() {
        expectGradients([[2, 3, 12]]) { $0[0].attention(headCount: 2) }
        expectGradients([[1, 5, 9]]) { $0[0].attention(headCount: 1) }
        expectGradients([[1, 1, 6]]) { $0[0].attention(headCount: 2) }
    }

    @Test(
        "the CPU agrees with plain loops across strips, blocks, tiles and shares, for heads of any size",
        arguments: [
            ([1, 1, 12], 2), ([2, 17, 30], 5), ([1, 129, 24], 1), ([1, 197, 48], 2), ([1, 530, 12], 2),
            ([1, 49, 96], 2), ([1, 20, 192], 1), ([2, 7, 240], 1), ([1, 1030, 6], 2),
        ]
    )
    func reference(extents: [Int], headCount: Int) {
        expectSameAsReference([[extents[0], extents[1], extents[2]]], tolerance: 1e-5) {
            $0[0].attention(headCount: headCount)
        }
    }

    @Test("an image's rows have equal bits in any batch")
    func rowsAlone() {
        let both = Tensor.random([2, 50, 96], seed: 5, on: backend)
        let y = both.attention(headCount: 2).floats
        let second = both.sliced(axis: 0, 1..<2).attention(headCount: 2).floats
        #expect(second == Array(y[(50 * 32)...]))
    }

    @Test("with causality a token looks at itself and those before it")
    func causal() {
        // Head size 1, equal keys: each token gets the mean of the values so far.
        let qkv = Tensor([5, 1, 10, -3, 1, 20, 2, 1, 60], [1, 3, 3], on: backend)
        expectClose(qkv.attention(headCount: 1, isCausal: true).floats, [10, 15, 30], tolerance: 1e-5)
    }

    @Test("gradients with causality agree with finite differences")
    func causalGradients() {
        expectGradients([[2, 4, 12]]) { $0[0].attention(headCount: 2, isCausal: true) }
        expectGradients([[1, 5, 9]]) { $0[0].attention(headCount: 1, isCausal: true) }
        expectGradients([[1, 1, 6]]) { $0[0].attention(headCount: 2, isCausal: true) }
    }

    @Test(
        "with causality the CPU agrees with plain loops across strips, blocks, tiles and shares",
        arguments: [
            ([1, 1, 12], 2), ([2, 17, 30], 5), ([1, 48, 24], 1), ([1, 49, 24], 1), ([3, 77, 48], 2), ([1, 95, 12], 2),
            ([1, 241, 12], 2), ([1, 289, 96], 2), ([1, 530, 12], 2), ([1, 20, 192], 1), ([1, 1030, 6], 2),
        ]
    )
    func causalReference(extents: [Int], headCount: Int) {
        expectSameAsReference([[extents[0], extents[1], extents[2]]], tolerance: 1e-5) {
            $0[0].attention(headCount: headCount, isCausal: true)
        }
    }

    @Test("with causality a token's bits do not depend on what follows it", arguments: [5, 48, 77, 240, 241, 600])
    func causalPrefix(length: Int) {
        let whole = Tensor.random([1, 700, 48], seed: 9, on: backend)
        let y = whole.attention(headCount: 2, isCausal: true).floats
        let part = whole.sliced(axis: 1, 0..<length).attention(headCount: 2, isCausal: true).floats
        #expect(part == Array(y[..<(length * 16)]))
    }

    @Test("any number of threads gives equal bits, forward and backward", arguments: [false, true])
    func threads(isCausal: Bool) {
        func results(_ threadCount: Int) -> [[Float]] {
            let backend = CPUBackend(threadCount: threadCount)
            let qkv = Tensor.random([1, 1030, 96], seed: 6, on: backend).asVariable()
            let y = qkv.attention(headCount: 2, isCausal: isCausal)
            return [
                y.floats, y.gradients(of: [qkv], seed: Tensor.random([1, 1030, 32], seed: 7, on: backend))[0].floats,
            ]
        }
        let alone = results(1)
        #expect(results(2) == alone)
        #expect(results(5) == alone)
    }

    @Test("memory grows with the tokens, not with their square")
    func memory() {
        let qkv = Tensor.random([1, 4097, 24], seed: 3, on: backend).asVariable()
        let gradient = qkv.attention(headCount: 2).sum().gradients(of: [qkv])[0]
        #expect(gradient.isFinite)
        let (live, kept) = backend.pool.byteCounts
        // The 4097² scores of one head alone would be 67 MB.
        #expect(live + kept < 8 << 20)
    }
}
