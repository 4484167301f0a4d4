import TestSupport
import Tensors
import Testing

@Suite struct ProductTests {
    private func bits(_ value: TensorValue) -> [UInt32] { Tensor(value).floats.map(\.bitPattern) }

    @Test(
        "a row has the same bits alone, in any batch, at any place and with any number of threads",
        arguments: [[64, 197], [197, 64], [768, 200], [1000, 48], [1, 5]]
    )
    func rowsAreIndependent(extents: [Int]) throws {
        let (inner, columns) = (extents[0], extents[1])
        let one = CPUBackend(threadCount: 1)
        let row = Tensor.random([1, inner], seed: 1, on: one).floats
        let others = Tensor.random([300, inner], seed: 2, on: one).floats
        let weight = Tensor.random([columns, inner], seed: 3, on: one).floats
        let bias = Tensor.random([columns], seed: 4, on: one).floats
        func product(rows: Int, place: Int, threads: Int) -> [UInt32] {
            let backend = CPUBackend(threadCount: threads)
            var batch = Array(others[..<(rows * inner)])
            batch.replaceSubrange(place * inner..<(place + 1) * inner, with: row)
            let y = backend.product(
                Tensor(batch, [rows, inner], on: backend).value,
                transposed: false,
                Tensor(weight, [columns, inner], on: backend).value,
                transposed: true,
                bias: Tensor(bias, [columns], on: backend).value
            )
            return Array(bits(y)[place * columns..<(place + 1) * columns])
        }
        let alone = product(rows: 1, place: 0, threads: 1)
        for threads in [1, 2, 5] {
            for (rows, place) in [(1, 0), (7, 0), (7, 3), (7, 6), (300, 0), (300, 131), (300, 299)] {
                let found = product(rows: rows, place: place, threads: threads)
                #expect(found == alone, "row \(place) of \(rows) with \(threads) threads")
            }
        }
    }

    @Test(
        "every side may be transposed, and all four ways give the same bits",
        arguments: [[5, 3, 2], [197, 400, 130]]
    )
    func transposition(extents: [Int]) {
        let (rows, inner, columns) = (extents[0], extents[1], extents[2])
        let backend = CPUBackend(threadCount: 2)
        let a = Tensor.random([rows, inner], seed: 5, on: backend)
        let b = Tensor.random([inner, columns], seed: 6, on: backend)
        func turned(_ tensor: Tensor) -> TensorValue {
            let (rows, columns, numbers) = (tensor.shape[0], tensor.shape[1], tensor.floats)
            let turned = (0..<columns).flatMap { c in (0..<rows).map { r in numbers[r * columns + c] } }
            return Tensor(turned, [columns, rows], on: backend).value
        }
        let plain = bits(backend.product(a.value, transposed: false, b.value, transposed: false, bias: nil))
        let (aTurned, bTurned) = (turned(a), turned(b))
        #expect(bits(backend.product(aTurned, transposed: true, b.value, transposed: false, bias: nil)) == plain)
        #expect(bits(backend.product(a.value, transposed: false, bTurned, transposed: true, bias: nil)) == plain)
        #expect(bits(backend.product(aTurned, transposed: true, bTurned, transposed: true, bias: nil)) == plain)
    }

    @Test("a product without an inner extent is its bias, or zero")
    func nothingToSum() {
        let backend = CPUBackend(threadCount: 2)
        let (a, b) = (Tensor([], [3, 0], on: backend), Tensor([], [0, 2], on: backend))
        let bias = Tensor([4, 5], [2], on: backend).value
        func product(_ bias: TensorValue?) -> [Float] {
            Tensor(backend.product(a.value, transposed: false, b.value, transposed: false, bias: bias)).floats
        }
        #expect(product(nil) == [0, 0, 0, 0, 0, 0])
        #expect(product(bias) == [4, 5, 4, 5, 4, 5])
    }
}
