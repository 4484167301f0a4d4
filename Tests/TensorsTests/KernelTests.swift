import CKernels
import Foundation
import TestSupport
import Tensors
import Testing

@Suite struct KernelTests {
    private func apply(
        _ kernel: (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void,
        to x: [Float]
    ) -> [Float] {
        var y = [Float](repeating: 0, count: x.count)
        y.withUnsafeMutableBufferPointer { kernel(x, $0.baseAddress, x.count) }
        return y
    }

    @Test("exp is within 2e-7 of the exact value, relatively, over its whole range")
    func exponential() {
        let x = (0..<200_001).map { Float(-87.2 + 175.4 * Double($0) / 200_000) }
        for (value, y) in zip(x, apply(kernel_exp, to: x)) {
            let exact = exp(Double(value))
            if !(abs(Double(y) - exact) <= 2e-7 * exact) { Issue.record("exp(\(value)) = \(y), should be \(exact)") }
        }
        #expect(apply(kernel_exp, to: [0, -88, -.infinity]) == [1, 0, 0])
        #expect(apply(kernel_exp, to: [Float.nan])[0].isNaN)
    }

    @Test("erf is within 1.5e-7 of the exact value and odd")
    func errorFunction() {
        let x = (0..<100_001).map { Float(-5 + 10 * Double($0) / 100_000) }
        for (value, y) in zip(x, apply(kernel_erf, to: x)) {
            let exact = erf(Double(value))
            if !(abs(Double(y) - exact) <= 1.5e-7) { Issue.record("erf(\(value)) = \(y), should be \(exact)") }
        }
        #expect(apply(kernel_erf, to: [0, .infinity, -.infinity]) == [0, 1, -1])
        #expect(zip(apply(kernel_erf, to: x), apply(kernel_erf, to: x.map { -$0 })).allSatisfy { $0 == -$1 })
    }

    @Test("long column sums keep their precision")
    func columnSums() {
        // Summed one by one in single precision, 0.1 drifts by several tenths over 100,000 rows.
        let backend = CPUBackend(threadCount: 2)
        let ones = Tensor.filled([100_000, 3], with: 0.1, on: backend)
        let sums = Tensor(backend.columnSums(ones.value, shape: [3])).floats
        #expect(sums.allSatisfy { abs($0 - 10_000) < 0.02 })
    }
}
