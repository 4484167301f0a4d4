import Foundation
import TestSupport
import Tensors
import Testing

@Suite struct UpdatesTests {
    let backend = CPUBackend(threadCount: 2)

    @Test(
        "ten AdamW steps follow the formula in double precision",
        arguments: [(0.9, 0.999, 1e-8, 0.1), (0.9, 0.98, 1e-6, 0.0)]
    )
    func adamW(beta1: Double, beta2: Double, epsilon: Double, decay: Double) {
        let count = 1003
        let reference = ReferenceBackend()
        func start(_ backend: any Backend) -> Tensor { .random([count], seed: 1, on: backend) }
        var (mine, theirs) = (start(backend), start(reference))
        var (m, v) = (Tensor.zeros([count], on: backend), Tensor.zeros([count], on: backend))
        var (rm, rv) = (Tensor.zeros([count], on: reference), Tensor.zeros([count], on: reference))
        for number in 1...10 {
            let step = AdamWStep(
                learningRate: 1e-3,
                beta1: beta1,
                beta2: beta2,
                epsilon: epsilon,
                weightDecay: decay,
                number: number,
                gradientScale: 0.5
            )
            let stream = UInt64(number)
            let g = Tensor.random([count], seed: 2, stream: stream, on: backend)
            let rg = Tensor.random([count], seed: 2, stream: stream, on: reference)
            mine.applyAdamW(gradient: g, moment1: &m, moment2: &v, step: step)
            theirs.applyAdamW(gradient: rg, moment1: &rm, moment2: &rv, step: step)
        }
        for (a, b) in zip(mine.floats, theirs.value.doubles) {
            #expect(abs(Double(a) - b) <= 1e-6 * max(abs(b), 0.1))
        }
    }

    @Test("a step on a range leaves the rest bit-identical")
    func range() {
        var x = Tensor.random([10], seed: 4, on: backend)
        let before = x.floats
        var (m, v) = (Tensor.zeros([10], on: backend), Tensor.zeros([10], on: backend))
        let gradient = Tensor.filled([10], with: 1, on: backend)
        let step = AdamWStep(learningRate: 0.1, weightDecay: 0, number: 1)
        x.applyAdamW(gradient: gradient, moment1: &m, moment2: &v, range: 3..<5, step: step)
        let after = x.floats
        #expect(Array(after[..<3]) == Array(before[..<3]) && Array(after[5...]) == Array(before[5...]))
        // The first bias-corrected step has the length of the learning rate.
        expectClose(Array(after[3..<5]), [before[3] - 0.1, before[4] - 0.1])
        #expect(m.floats.filter { $0 != 0 }.count == 2)
    }

    @Test("the moving average rounds every operation by itself")
    func average() {
        var phi = Tensor.random([1000], seed: 5, on: backend)
        let theta = Tensor.random([1000], seed: 6, on: backend)
        let expected = zip(phi.floats, theta.floats).map { p, t -> Float in
            let difference = t - p
            let move = Float(0.0337) * difference
            return p + move
        }
        phi.updateAverage(with: theta, weight: 0.0337)
        #expect(phi.floats.map(\.bitPattern) == expected.map(\.bitPattern))
    }

    @Test("an update in place never shows through another tensor of the same memory")
    func copyOnWrite() {
        var x = Tensor([1, 2, 3, 4], [4], on: backend)
        let (copy, slice) = (x, x.sliced(axis: 0, 1..<3))
        x.accumulate(Tensor([1, 1, 1, 1], [4], on: backend), scaledBy: 2)
        #expect(x.floats == [3, 4, 5, 6])
        #expect(copy.floats == [1, 2, 3, 4])
        #expect(slice.floats == [2, 3])
        var rows = copy.sliced(axis: 0, 2..<4)
        rows.accumulate(Tensor([1, 1], [2], on: backend), scaledBy: 0.5)
        #expect(rows.floats == [3.5, 4.5])
    }

    @Test("norms are summed in double precision, and one bad number is found wherever it is")
    func reductions() {
        let count = 200_000
        var numbers = [Float](repeating: 1e-3, count: count)
        numbers[0] = 3e4
        let x = Tensor(numbers, [count], on: backend)
        let expected = 9e8 + Double(count - 1) * Double(Float(1e-3)) * Double(Float(1e-3))
        // In single precision the small numbers, 0.2 together, would vanish beside 9e8.
        #expect(abs(x.sumOfSquares - expected) < 1e-3)
        #expect(x.isFinite)
        for (place, bad) in [(0, Float.nan), (70_000, .infinity), (count - 1, -.infinity)] {
            var broken = numbers
            broken[place] = bad
            #expect(!Tensor(broken, [count], on: backend).isFinite)
        }
    }
}
