import Foundation
import TestSupport
import Tensors
import Testing

@Suite struct ActivationTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("GELU takes the published values")
    func gelu() {
        // x·Φ(x) from a table of the normal distribution.
        let y = Tensor([-3, -1, 0, 1, 3], [5], on: backend).gelu().floats
        expectClose(y, [-0.004049694, -0.158655254, 0, 0.841344746, 2.995950306])
    }

    @Test("QuickGELU takes the values of x·σ(1.702·x)")
    func quickGELU() {
        let y = Tensor([-2, 0, 1], [3], on: backend).quickGELU().floats
        expectClose(y, [-0.0643414, 0, 0.845795726])
    }

    @Test("both stay finite and tend to 0 or x far out")
    func extremes() {
        let x = Tensor([-1e30, -200, -60, 60, 200, 1e30], [6], on: backend)
        for y in [x.gelu().floats, x.quickGELU().floats] {
            expectClose(Array(y[0..<3]), [0, 0, 0])
            #expect(Array(y[3...]) == [60, 200, 1e30])
        }
    }

    @Test("a NaN stays a NaN")
    func nan() {
        let x = Tensor([Float.nan], [1], on: backend)
        #expect(x.gelu().floats[0].isNaN && x.quickGELU().floats[0].isNaN)
    }

    @Test("gradients agree with finite differences")
    func gradients() {
        expectGradients([[3, 5]]) { $0[0].gelu() }
        expectGradients([[3, 5]]) { $0[0].quickGELU() }
    }

    @Test("the CPU agrees with plain loops", arguments: [1, 15, 1000, 70_001])
    func reference(count: Int) {
        expectSameAsReference([[count]]) { $0[0].scaled(by: 3).gelu() }
        expectSameAsReference([[count]]) { $0[0].scaled(by: 3).quickGELU() }
    }
}
