import TestSupport
import Tensors
import Testing

@Suite struct BicubicResizeTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("doubling a row of four gives cubic convolution's numbers, borders repeated")
    func value() {
        let x = Tensor([0, 1, 0, 0], [4, 1], on: backend)
        let y = x.bicubicResized(from: (1, 4), to: (1, 8))
        // The four weights at t = 1/4, each met as the window moves over the one; at 3/4 they are mirrored.
        let (far, near, next, last) = (Float(-0.10546875), Float(0.87890625), Float(0.26171875), Float(-0.03515625))
        expectClose(y.floats, [far, next, near, near, next, far, last, 0])
    }

    @Test("the same size is left alone, and a constant stays constant at any size")
    func constants() {
        let x = Tensor.filled([6, 2], with: 3, on: backend)
        #expect(x.bicubicResized(from: (2, 3), to: (2, 3)).floats == x.floats)
        expectClose(
            x.bicubicResized(from: (2, 3), to: (7, 5)).floats,
            [Float](repeating: 3, count: 70),
            tolerance: 1e-6
        )
    }

    @Test("gradients agree with finite differences")
    func gradients() {
        expectGradients([[6, 2]]) { $0[0].bicubicResized(from: (2, 3), to: (5, 4)) }
        expectGradients([[20, 1]]) { $0[0].bicubicResized(from: (5, 4), to: (2, 3)) }
    }

    @Test("the CPU agrees with a full matrix of taps", arguments: [[14, 14, 20, 14], [14, 14, 9, 31], [3, 5, 1, 1]])
    func reference(extents: [Int]) {
        expectSameAsReference([[extents[0] * extents[1], 3]]) {
            $0[0].bicubicResized(from: (extents[0], extents[1]), to: (extents[2], extents[3]))
        }
    }
}
