import CKernels
import COpenBLAS
import TestSupport
import Tensors
import Testing

@Suite("Yardsticks", .serialized) struct PeakProbeTests {
    @Test("the peak's kernel says how many operations it did, and its numbers stay finite")
    func operations() {
        let lanes = [4: 16, 3: 8][kernel_level()] ?? 4
        var numbers: [Float] = [0.5, 0.25, 0]
        #expect(kernel_fma_peak(3, &numbers) == 3 * 64 * 12 * lanes * 2)
        // Chain c starts at c and goes to 1/2, the fixed point of x/2 + 1/4: twelve of them are six.
        #expect(abs(numbers[2] - 6) < 1e-3)
    }

    @Test("rates are positive on any number of threads", arguments: [1, 3])
    func rates(threads: Int) {
        let probe = PeakProbe(CPUBackend(threadCount: threads), byteCount: 1 << 20)
        for rate in [probe.fmaRate(roundCount: 100), probe.copyRate()] { #expect(rate > 0 && rate.isFinite) }
    }

    // One after the other: the thread count is the process's.
    @Test("OpenBLAS multiplies the same matrices, and has as many threads afterwards as before", arguments: [1, 2])
    func yardstick(threads: Int) {
        let backend = CPUBackend(threadCount: 1)
        let before = stillhouse_blas_thread_count()
        func random(_ shape: Shape) -> TensorValue { Tensor.random(shape, seed: 5, stream: 2, on: backend).value }
        for (transposesA, transposesB) in [(false, false), (true, false), (false, true), (true, true)] {
            let a = random(transposesA ? [9, 7] : [7, 9])
            let b = random(transposesB ? [5, 9] : [9, 5])
            let target = backend.filled([7, 5], with: .nan)
            OpenBLASYardstick.multiply(
                a,
                transposed: transposesA,
                b,
                transposed: transposesB,
                into: target,
                threadCount: threads
            )
            let ours = backend.product(a, transposed: transposesA, b, transposed: transposesB, bias: nil)
            for (x, y) in zip(Tensor(target).floats, Tensor(ours).floats) { #expect(abs(x - y) < 1e-4) }
        }
        #expect(stillhouse_blas_thread_count() == before)
    }
}
