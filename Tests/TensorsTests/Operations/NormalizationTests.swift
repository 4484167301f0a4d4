import TestSupport
import Tensors
import Testing

@Suite struct NormalizationTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("layer norm centres, scales by the biased deviation, then applies weight and bias")
    func layerNorm() {
        let x = Tensor([1, 2, 3, 4], [1, 4], on: backend)
        let weight = Tensor([1, 1, 2, 1], [4], on: backend)
        let bias = Tensor([0, 0, 0, 5], [4], on: backend)
        let y = x.layerNorm(weight: weight, bias: bias, epsilon: 0)
        expectClose(y.floats, [-1.3416408, -0.4472136, 0.8944272, 6.3416408])
    }

    @Test("a constant row becomes the bias")
    func constantRow() {
        let x = Tensor.filled([2, 3], with: 7, on: backend)
        let y = x.layerNorm(
            weight: Tensor.filled([3], with: 1, on: backend),
            bias: Tensor([1, 2, 3], [3], on: backend),
            epsilon: 1e-5
        )
        #expect(y.floats == [1, 2, 3, 1, 2, 3])
    }

    @Test("L2 normalisation gives unit rows, and zero with zero gradient for a zero row")
    func l2() {
        let x = Tensor([3, 4, 0, 0], [2, 2], on: backend).asVariable()
        let y = x.l2Normalized()
        expectClose(y.floats, [0.6, 0.8, 0, 0])
        let gradient = (y * Tensor([1, 0, 1, 1], [2, 2], on: backend)).sum().gradients(of: [x])[0]
        // (g − (g·f)f)/‖x‖ for the first row.
        expectClose(gradient.floats, [0.128, -0.096, 0, 0])
    }

    @Test("gradients agree with finite differences")
    func gradients() {
        expectGradients([[2, 3, 5], [5], [5]]) { $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 1e-5) }
        expectGradients([[4, 3]]) { $0[0].l2Normalized() }
    }

    @Test(
        "the CPU agrees with plain loops on odd extents",
        arguments: [[1, 3], [1, 768], [130, 33], [65, 16], [197, 100]]
    )
    func reference(extents: [Int]) {
        let (rows, columns) = (extents[0], extents[1])
        expectSameAsReference([[rows, columns], [columns], [columns]]) {
            $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 1e-5)
        }
        expectSameAsReference([[rows, columns]]) { $0[0].l2Normalized() }
    }
}
