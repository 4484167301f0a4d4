import TestSupport
import Tensors
import Testing

@Suite struct BilinearResizeTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("doubling a row of three puts two numbers between each pair, and the border's own at the border")
    func value() {
        let x = Tensor([0, 4, 8], [3, 1], on: backend)
        let wide = x.bilinearResized(from: Grid(rows: 1, columns: 3), to: Grid(rows: 1, columns: 6))
        #expect(wide.floats == [0, 1, 3, 5, 7, 8])
        let tall = x.bilinearResized(from: Grid(rows: 3, columns: 1), to: Grid(rows: 6, columns: 1))
        #expect(tall.floats == wide.floats)
    }

    @Test("the same size is left alone, and a constant stays constant at any size")
    func constants() {
        let x = Tensor.filled([6, 2], with: 3, on: backend)
        let grid = Grid(rows: 2, columns: 3)
        #expect(x.bilinearResized(from: grid, to: grid).floats == x.floats)
        expectClose(
            x.bilinearResized(from: grid, to: Grid(rows: 7, columns: 5)).floats,
            [Float](repeating: 3, count: 70),
            tolerance: 1e-6
        )
    }

    @Test("gradients agree with finite differences")
    func gradients() {
        expectGradients([[6, 2]]) {
            $0[0].bilinearResized(from: Grid(rows: 2, columns: 3), to: Grid(rows: 4, columns: 6))
        }
        expectGradients([[20, 1]]) {
            $0[0].bilinearResized(from: Grid(rows: 5, columns: 4), to: Grid(rows: 2, columns: 7))
        }
    }
}
