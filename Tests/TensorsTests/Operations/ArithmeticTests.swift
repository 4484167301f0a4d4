import TestSupport
import Tensors
import Testing

@Suite struct ArithmeticTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("elements are added, subtracted, multiplied and scaled")
    func values() {
        let a = Tensor([1, 2, 3], [3], on: backend)
        let b = Tensor([4, 5, -6], [3], on: backend)
        #expect((a + b).floats == [5, 7, -3])
        #expect((a - b).floats == [-3, -3, 9])
        #expect((a * b).floats == [4, 10, -18])
        #expect(a.scaled(by: -0.5).floats == [-0.5, -1, -1.5])
    }

    @Test("rows and positions are broadcast over what stands before them")
    func rows() {
        let x = Tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2], on: backend)
        #expect(x.adding(row: Tensor([10, 20], [2], on: backend)).floats == [11, 22, 13, 24, 15, 26, 17, 28])
        #expect(x.multiplied(row: Tensor([1, -1], [2], on: backend)).floats == [1, -2, 3, -4, 5, -6, 7, -8])
        let positions = Tensor([1, 2, 3, 4], [2, 2], on: backend)
        #expect(x.adding(positions: positions).floats == [2, 4, 6, 8, 6, 8, 10, 12])
    }

    @Test("gradients agree with finite differences")
    func gradients() {
        expectGradients([[2, 3], [2, 3]]) { ($0[0] + $0[1]) * ($0[0] - $0[1].scaled(by: 3)) }
        expectGradients([[2, 3, 4], [4], [3, 4]]) {
            $0[0].multiplied(row: $0[1]).adding(row: $0[1]).adding(positions: $0[2])
        }
    }

    @Test(
        "the CPU agrees with plain loops on odd extents",
        arguments: [[1, 1], [1, 77], [333, 67], [129, 64], [5, 1]]
    )
    func reference(extents: [Int]) {
        let (rows, columns) = (extents[0], extents[1])
        expectSameAsReference([[rows, columns], [rows, columns]]) { ($0[0] + $0[1]) * ($0[0] - $0[1]).scaled(by: 0.3) }
        expectSameAsReference([[2, rows, columns], [columns], [rows, columns]]) {
            $0[0].multiplied(row: $0[1]).adding(row: $0[1]).adding(positions: $0[2])
        }
    }
}
