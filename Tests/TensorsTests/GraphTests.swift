import TestSupport
import Tensors
import Testing

@Suite struct GraphTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("a value used twice collects both shares")
    func sharedValue() {
        let x = Tensor([3], [], on: backend).asVariable()
        let square = x * x
        #expect((square * square + square).gradients(of: [x])[0].scalar == 4 * 27 + 6)
    }

    @Test("variables that were not reached get zeros, in the order asked")
    func unreached() {
        let x = Tensor([1, 2], [2], on: backend).asVariable()
        let other = Tensor([5, 5, 5], [3], on: backend).asVariable()
        let gradients = x.scaled(by: 4).sum().gradients(of: [other, x, other])
        #expect(gradients.map(\.floats) == [[0, 0, 0], [4, 4], [0, 0, 0]])
        let constant = Tensor([1], [], on: backend)
        #expect(constant.gradients(of: [x])[0].floats == [0, 0])
    }

    @Test("what descends from no variable keeps no history, and detaching cuts it")
    func history() {
        let x = Tensor([1, 2], [2], on: backend)
        #expect((x + x).node == nil)
        let y = x.asVariable().scaled(by: 2)
        #expect(y.node != nil)
        #expect(y.detached().node == nil)
    }

    @Test("a seed gives the vector-Jacobian product of any tensor")
    func seed() {
        let x = Tensor([1, 2], [2], on: backend).asVariable()
        let gradient = (x * x).gradients(of: [x], seed: Tensor([10, 100], [2], on: backend))[0]
        #expect(gradient.floats == [20, 400])
    }

    @Test("a chain of 200,000 operations is walked and torn down without recursion")
    func deepChain() {
        let x = Tensor([1], [1], on: backend).asVariable()
        var y = x
        for _ in 0..<200_000 { y = y + x }
        #expect(y.sum().gradients(of: [x])[0].scalar == 200_001)
        var dropped = x
        for _ in 0..<200_000 { dropped = dropped.scaled(by: 1) }
        #expect(dropped.node != nil)
    }

    @Test("intermediate values are gone after the backward pass")
    func release() {
        let x = Tensor.random([1000], seed: 1, on: backend).asVariable()
        let loss = x.gelu().gelu().gelu().sum()
        let before = backend.pool.byteCounts.live
        let gradient = loss.gradients(of: [x])
        let after = backend.pool.byteCounts.live
        // Two inner activations are freed, one gradient is new.
        #expect(after < before && gradient.count == 1)
    }

    @Test("gradients are handed over one at a time, each when it is complete, and need not be kept")
    func handedOver() {
        let weights = (0..<8).map { Tensor.random([64, 64], seed: UInt64($0), on: backend).asVariable() }
        var x = Tensor.random([2, 64], seed: 9, on: backend)
        for weight in weights { x = x.linear(weight: weight) }
        let before = backend.pool.byteCounts
        var order: [Int] = []
        x.propagate(Tensor.filled(x.shape, with: 1, on: backend), to: weights) { index, gradient in
            #expect(gradient.shape == [64, 64])
            order.append(index)
        }
        #expect(order == [7, 6, 5, 4, 3, 2, 1, 0])
        // One gradient of 16 KiB at a time, not eight.
        let after = backend.pool.byteCounts
        #expect(after.live + after.kept < before.live + before.kept + (3 * 64 * 64 * 4))
    }

    @Test("what is cheap to compute again is not kept between forward and backward")
    func recomputed() {
        let x = Tensor.random([1024, 256], seed: 1, on: backend).asVariable()
        let weight = Tensor.random([8, 256], seed: 2, on: backend).asVariable()
        let (scale, shift) = (Tensor.filled([256], with: 2, on: backend), Tensor.zeros([256], on: backend))
        let activations: [(Tensor) -> Tensor] = [
            { $0.gelu() }, { $0.quickGELU() }, { $0.layerNorm(weight: scale, bias: shift, epsilon: 1e-5) },
        ]
        for activation in activations {
            let before = backend.pool.byteCounts.live
            let y = activation(x).linear(weight: weight)
            // The activation would be a MiB; the result is 32 KiB, two numbers a row 8.
            #expect(backend.pool.byteCounts.live - before < 64 << 10)
            #expect(y.gradients(of: [weight], seed: y.detached())[0].isFinite)
        }
        expectSameAsReference([[5, 8], [4, 8]]) { $0[0].gelu().linear(weight: $0[1]) }
        expectSameAsReference([[5, 8], [8, 4]]) { $0[0].quickGELU().matmul($0[1]) }
        expectSameAsReference([[5, 8], [8], [8], [4, 8]]) {
            $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 1e-5).linear(weight: $0[3])
        }
    }

    @Test("a graph that was used up is refused")
    func usedUp() async {
        await #expect(processExitsWith: .failure) {
            let x = Tensor([1], [], on: CPUBackend(threadCount: 1)).asVariable()
            let y = x * x
            _ = y.gradients(of: [x])
            _ = y.gradients(of: [x])
        }
    }
}
