import TestSupport
import Tensors
import Testing

@Suite struct GatheringTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("rows come in the order of their indices, some more than once")
    func rows() {
        let table = Tensor([1, 2, 3, 4, 5, 6], [3, 2], on: backend)
        let rows = table.gatheredRows([2, 0, 2])
        #expect(rows.shape == [3, 2])
        #expect(rows.floats == [5, 6, 1, 2, 5, 6])
        #expect(table.gatheredRows([]).shape == [0, 2])
    }

    @Test("a row's gradient is the sum over its places, and zero where it has none")
    func gradient() {
        let table = Tensor([1, 2, 3, 4, 5, 6], [3, 2], on: backend).asVariable()
        let seed = Tensor([1, 10, 2, 20, 4, 40], [3, 2], on: backend)
        #expect(table.gatheredRows([2, 0, 2]).gradients(of: [table], seed: seed)[0].floats == [2, 20, 0, 0, 5, 50])
    }

    @Test("gradients agree with finite differences")
    func differences() {
        expectGradients([[5, 3]]) { $0[0].gatheredRows([4, 1, 1, 0, 4, 4]) }
    }

    @Test("the CPU agrees with plain loops on tables of any width", arguments: [1, 7, 64, 130])
    func reference(width: Int) {
        let indices = (0..<900).map { Int32($0 * $0 % 37) }
        expectSameAsReference([[37, width]]) { $0[0].gatheredRows(indices) }
    }

    @Test("any number of threads gives equal bits")
    func threads() {
        func gradient(_ threadCount: Int) -> [Float] {
            let backend = CPUBackend(threadCount: threadCount)
            let table = Tensor.random([50, 200], seed: 1, on: backend).asVariable()
            let rows = table.gatheredRows((0..<2000).map { Int32($0 * 7 % 50) })
            return rows.gradients(of: [table], seed: Tensor.random(rows.shape, seed: 2, on: backend))[0].floats
        }
        let alone = gradient(1)
        #expect(gradient(2) == alone)
        #expect(gradient(5) == alone)
    }
}
