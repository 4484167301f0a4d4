import TestSupport
import Tensors
import Testing

@Suite struct GroupNormalizationTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("a group's channels have mean 0 and variance 1 over all places together, whatever the other groups have")
    func value() {
        // Two groups of two channels at three places; the second is a hundred times the first, plus one.
        let first: [Float] = [1, 5, 2, 4, 3, 3]
        let x = (0..<3).flatMap { place -> [Float] in
            let own = Array(first[2 * place..<2 * place + 2])
            return own + own.map { 100 * $0 + 1 }
        }
        let y = Tensor(x, [3, 4], on: backend).groupNormalized(groups: 2, epsilon: 0).floats
        // Mean 3, variance (4 + 4 + 1 + 1) / 6.
        let deviation = (Float(10) / 6).squareRoot()
        let expected = (0..<3).flatMap { place -> [Float] in
            let own = first[2 * place..<2 * place + 2].map { ($0 - 3) / deviation }
            return own + own
        }
        expectClose(y, expected, tolerance: 1e-5)
    }

    @Test("gradients agree with finite differences, from one group to one a channel", arguments: [1, 2, 3, 6])
    func gradients(groups: Int) {
        expectGradients([[5, 6]]) { $0[0].groupNormalized(groups: groups, epsilon: 1e-5) }
    }
}
