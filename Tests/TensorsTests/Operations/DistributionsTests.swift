import Foundation
import TestSupport
import Tensors
import Testing

@Suite struct DistributionsTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("softmax subtracts a row, scales, and sums to one; equal numbers share equally")
    func softmax() {
        let x = Tensor([1, 2, 3, 5, 5, 5], [2, 3], on: backend)
        let row = Tensor([0, 1, 2], [3], on: backend)
        let y = x.softmax(minus: row, scaledBy: 2)
        let third: Float = 1 / 3
        let weights = [exp(10.0), exp(8.0), exp(6.0)].map { Float($0 / (exp(10.0) + exp(8.0) + exp(6.0))) }
        expectClose(y.floats, [third, third, third] + weights)
        let huge = Tensor([3e30, 1, 3e30, -3e30], [1, 4], on: backend).softmax()
        #expect(huge.floats == [0.5, 0, 0.5, 0])
    }

    @Test("cross entropy of equal logits is the log of their number, whatever the target")
    func uniform() {
        let x = Tensor.zeros([3, 1024], on: backend)
        let target = Tensor.zeros([1, 1024], on: backend).softmax()
        expectClose(x.crossEntropy(to: target, scaledBy: 10).floats, Array(repeating: Float(log(1024.0)), count: 3))
    }

    @Test("each target serves as many neighbouring rows")
    func neighbours() {
        let x = Tensor([0, 10, 0, 10, 0, 10, 0, 10], [4, 2], on: backend)
        let targets = Tensor([0, 1, 1, 0], [2, 2], on: backend)
        let losses = x.crossEntropy(to: targets).floats
        expectClose(losses, [4.5399e-5, 4.5399e-5, 10.0000454, 10.0000454], tolerance: 1e-6)
    }

    @Test("gradients agree with finite differences")
    func gradients() {
        expectGradients([[4, 5]]) { inputs in
            let targets = Tensor([0.1, 0.2, 0.3, 0.25, 0.15, 0.5, 0.1, 0.1, 0.1, 0.2], [2, 5], on: inputs[0].backend)
            return inputs[0].crossEntropy(to: targets, scaledBy: 3)
        }
    }

    @Test(
        "the CPU agrees with plain loops on odd extents",
        arguments: [[2, 3, 1], [6, 17, 3], [8, 1024, 2], [33, 333, 11]]
    )
    func reference(extents: [Int]) {
        let (rows, columns, targets) = (extents[0], extents[1], extents[2])
        expectSameAsReference([[rows, columns], [targets, columns]]) { inputs in
            inputs[0].crossEntropy(to: inputs[1].softmax(scaledBy: 4), scaledBy: 10)
        }
        expectSameAsReference([[rows, columns], [columns]]) { $0[0].softmax(minus: $0[1], scaledBy: 25) }
    }

    @Test("a scalar in closed form passes on the gradients that came with it")
    func closedForm() {
        let x = Tensor([1, 2], [2], on: backend).asVariable()
        let y = Tensor([3], [], on: backend).asVariable()
        let known = Tensor.scalar(
            7,
            on: backend,
            withGradients: [(x, Tensor([4, 5], [2], on: backend)), (y, Tensor([6], [], on: backend))]
        )
        #expect(known.scalar == 7)
        let gradients = known.scaled(by: 2).gradients(of: [x, y])
        #expect(gradients.map(\.floats) == [[8, 10], [12]])
    }
}
