package import Tensors

/// Measures products on random matrices beside OpenBLAS, which is handed the same matrices in the same rounds.
package struct ProductBenchmark {
    private let shapes: [ProductShape]
    private let rounds: Int

    package init(_ shapes: [ProductShape], rounds: Int) { (self.shapes, self.rounds) = (shapes, rounds) }

    /// - Parameter peakBytes: of each buffer that the copy's bandwidth is measured with.
    package func measure(
        on backend: CPUBackend,
        peakBytes: Int = 128 << 20
    ) async -> (peak: MeasuredPeak, products: [ProductMeasurement]) {
        let recorder = MeasuredPeak.Recorder(backend, byteCount: peakBytes)
        let peak = { () async -> Double in
            recorder.measure()
            return 0
        }
        let cases = shapes.flatMap { Self.cases(of: $0, on: backend) }
        let results = await Interleaved.measurements(rounds: rounds, [peak] + cases)
        let found = recorder.peak
        let products = shapes.enumerated().map { index, shape in
            ProductMeasurement(
                shape,
                threads: backend.threadCount,
                seconds: Spread(results[1 + 2 * index]),
                blas: Spread(results[2 + 2 * index]),
                peak: found
            )
        }
        return (found, products)
    }

    /// Ours, then OpenBLAS's; each returns seconds a call.
    private static func cases(of shape: ProductShape, on backend: CPUBackend) -> [() async -> Double] {
        func matrix(_ rows: Int, _ columns: Int, _ transposed: Bool, seed: UInt64) -> TensorValue {
            BenchNumbers.uniform(transposed ? [columns, rows] : [rows, columns], seed: seed, on: backend).value
        }
        let a = matrix(shape.rows, shape.inner, shape.transposesA, seed: 1)
        let b = matrix(shape.inner, shape.columns, shape.transposesB, seed: 2)
        let bias = shape.hasBias ? BenchNumbers.uniform([shape.columns], seed: 3, on: backend).value : nil
        let target = backend.filled([shape.rows, shape.columns], with: 0)
        // Enough calls that the clock's own time and a wake-up do not matter.
        let calls = max(1, 500_000_000 / shape.operations)
        func timed(_ body: () -> Void) -> Double {
            max(ContinuousClock().measure { for _ in 0..<calls { body() } } / .seconds(1), 1e-9) / Double(calls)
        }
        return [
            {
                timed {
                    _ = backend.product(
                        a,
                        transposed: shape.transposesA,
                        b,
                        transposed: shape.transposesB,
                        bias: bias
                    )
                }
            },
            {
                timed {
                    OpenBLASYardstick.multiply(
                        a,
                        transposed: shape.transposesA,
                        b,
                        transposed: shape.transposesB,
                        into: target,
                        threadCount: backend.threadCount
                    )
                }
            },
        ]
    }
}
