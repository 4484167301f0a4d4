import TestSupport
import Tensors
import Testing

@Suite struct LinearTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("rows are multiplied by the transposed weight and shifted by the bias")
    func value() {
        let x = Tensor([1, 2, 3, 4], [2, 2], on: backend)
        let weight = Tensor([1, 0, 0, 1, 1, 1], [3, 2], on: backend)
        let bias = Tensor([10, 20, 30], [3], on: backend)
        let y = x.linear(weight: weight, bias: bias)
        #expect(y.shape == [2, 3])
        #expect(y.floats == [11, 22, 33, 13, 24, 37])
        #expect(x.linear(weight: weight).floats == [1, 2, 3, 3, 4, 7])
    }

    @Test("leading axes stay as they are")
    func leadingAxes() {
        let weight = Tensor.random([5, 3], seed: 1, on: backend)
        #expect(Tensor.random([2, 4, 3], seed: 2, on: backend).linear(weight: weight).shape == [2, 4, 5])
        #expect(Tensor.random([0, 3], seed: 2, on: backend).linear(weight: weight).shape == [0, 5])
    }

    @Test("gradients agree with finite differences")
    func gradients() {
        expectGradients([[2, 3, 4], [5, 4], [5]]) { $0[0].linear(weight: $0[1], bias: $0[2]) }
        expectGradients([[1, 1], [1, 1]]) { $0[0].linear(weight: $0[1]) }
        expectGradients([[3, 4], [4, 2]]) { $0[0].matmul($0[1]) }
    }

    @Test(
        "the CPU agrees with plain loops on odd extents",
        arguments: [[1, 1, 1], [1, 7, 3], [17, 33, 65], [3, 130, 515], [600, 19, 40], [515, 8, 521]]
    )
    func reference(extents: [Int]) {
        let (rows, inputs, outputs) = (extents[0], extents[1], extents[2])
        expectSameAsReference([[rows, inputs], [outputs, inputs], [outputs]]) {
            $0[0].linear(weight: $0[1], bias: $0[2])
        }
        expectSameAsReference([[rows, inputs], [inputs, outputs]]) { $0[0].matmul($0[1]) }
    }

    @Test("frozen parameters get no gradient, their input still does")
    func frozenWeight() {
        let x = Tensor.random([2, 3], seed: 3, on: backend).asVariable()
        let weight = Tensor.random([4, 3], seed: 4, on: backend)
        let gradient = x.linear(weight: weight).sum().gradients(of: [x])[0]
        let columnSums = (0..<3).map { c in (0..<4).reduce(Float(0)) { $0 + weight.floats[$1 * 3 + c] } }
        expectClose(gradient.floats, columnSums + columnSums)
    }
}
