import TestSupport
import Tensors
import Testing

@Suite struct StructureTests {
    let backend = CPUBackend(threadCount: 2)

    private func counting(_ shape: Shape) -> Tensor { Tensor((0..<shape.count).map(Float.init), shape, on: backend) }

    @Test("tensors are joined along any axis")
    func concatenation() {
        let (a, b) = (counting([2, 2]), Tensor([9, 8], [2, 1], on: backend))
        #expect(Tensor.concatenated([a, b], axis: 1).floats == [0, 1, 9, 2, 3, 8])
        #expect(Tensor.concatenated([a, a], axis: 0).shape == [4, 2])
        #expect(Tensor.concatenated([a, b], axis: -1).shape == [2, 3])
    }

    @Test("slices keep the order of the other axes")
    func slicing() {
        let x = counting([2, 3, 2])
        #expect(x.sliced(axis: 1, 1..<3).floats == [2, 3, 4, 5, 8, 9, 10, 11])
        #expect(x.sliced(axis: -1, 0..<1).floats == [0, 2, 4, 6, 8, 10])
        #expect(x.sliced(axis: 0, 1..<2).floats == [6, 7, 8, 9, 10, 11])
        #expect(x.sliced(axis: 0, 1..<1).shape == [0, 3, 2])
    }

    @Test("a slice of a slice, and products with it, read the right rows")
    func nestedSlices() {
        let x = counting([6, 2]).sliced(axis: 0, 1..<6).sliced(axis: 0, 2..<4)
        #expect(x.floats == [6, 7, 8, 9])
        #expect(x.matmul(Tensor([1, 1], [2, 1], on: backend)).floats == [13, 17])
    }

    @Test("a token is put before each image's rows")
    func prepending() {
        let y = counting([2, 1, 2]).prepending(token: Tensor([7, 8], [2], on: backend))
        #expect(y.shape == [2, 2, 2])
        #expect(y.floats == [7, 8, 0, 1, 7, 8, 2, 3])
    }

    @Test("patches are channel-major rows in reading order")
    func patches() {
        let y = counting([1, 2, 2, 4]).patches(size: 2)
        #expect(y.shape == [1, 2, 8])
        #expect(y.floats == [0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15])
    }

    @Test("row dots and sums")
    func reductions() {
        let x = counting([2, 3])
        #expect(x.rowDots(x).floats == [5, 50])
        #expect(x.sum().shape == [])
        #expect(x.sum().scalar == 15)
    }

    @Test("gradients agree with finite differences")
    func gradients() {
        expectGradients([[2, 3], [2, 1]]) { Tensor.concatenated([$0[0], $0[1], $0[0]], axis: 1) }
        expectGradients([[2, 4, 3]]) { $0[0].sliced(axis: 1, 1..<3).reshaped(to: [3, 4]) }
        expectGradients([[3, 2], [3, 2]]) { $0[0].sliced(axis: 0, 1..<3).rowDots($0[1].sliced(axis: 0, 0..<2)) }
        expectGradients([[2, 3, 2], [2]]) { $0[0].prepending(token: $0[1]) }
        expectGradients([[2, 2, 4, 6]]) { $0[0].patches(size: 2) }
        expectGradients([[2, 3]]) { ($0[0] * $0[0]).sum() }
    }

    @Test("the CPU agrees with plain loops")
    func reference() {
        expectSameAsReference([[3, 7, 5], [3, 2, 5]]) { Tensor.concatenated([$0[0], $0[1], $0[0]], axis: 1) }
        expectSameAsReference([[3, 7, 5]]) { $0[0].sliced(axis: 1, 2..<6) }
        expectSameAsReference([[3, 7, 5], [5]]) { $0[0].prepending(token: $0[1]) }
        expectSameAsReference([[2, 3, 6, 9]]) { $0[0].patches(size: 3) }
        expectSameAsReference([[301, 33], [301, 33]]) { $0[0].rowDots($0[1]) }
        expectSameAsReference([[301, 333]]) { ($0[0] * $0[0]).sum() }
    }
}
