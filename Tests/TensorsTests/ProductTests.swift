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

    @Test(
        "an activated product is the product and its activation, to the bit",
        arguments: [Activation.gelu, .quickGELU],
        [1, 133]
    )
    func activation(_ activation: Activation, rows: Int) {
        let backend = CPUBackend(threadCount: 2)
        let x = Tensor.random([rows, 70], seed: 7, on: backend).value
        let weight = Tensor.random([901, 70], seed: 8, on: backend).value
        let bias = Tensor.random([901], seed: 9, on: backend).value
        let found = backend.activatedProduct(x, transposed: false, weight, transposed: true, bias: bias, activation)
        let input = backend.product(x, transposed: false, weight, transposed: true, bias: bias)
        #expect(bits(found.input) == bits(input))
        let expected =
            switch activation {
            case .gelu: backend.gelu(input)
            case .quickGELU: backend.quickGELU(input)
            }
        #expect(bits(found.y) == bits(expected))
    }

    @Test("an accumulated product is added in place, and others who hold the target do not see it")
    func accumulation() {
        let backend = CPUBackend(threadCount: 2)
        let gradient = Tensor.random([500, 120], seed: 10, on: backend)
        let x = Tensor.random([500, 90], seed: 11, on: backend)
        let start = Tensor.random([120, 90], seed: 12, on: backend)
        var target = start.value
        backend.accumulateProduct(gradient.value, transposed: true, x.value, transposed: false, into: &target)
        #expect(bits(start.value) == bits(Tensor.random([120, 90], seed: 12, on: backend).value))
        let address = target.storage.address
        let once = Tensor(target).floats
        backend.accumulateProduct(gradient.value, transposed: true, x.value, transposed: false, into: &target)
        #expect(target.storage.address == address)
        let product = backend.product(gradient.value, transposed: true, x.value, transposed: false, bias: nil)
        let added = Tensor(product).floats
        expectClose(once, zip(start.floats, added).map { $0 + $1 }, tolerance: 2e-5)
        expectClose(Tensor(target).floats, zip(once, added).map { $0 + $1 }, tolerance: 2e-5)
    }
}
