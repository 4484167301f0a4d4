import Foundation
package import Models
package import Tensors

/// What `bench ops` found.
package struct OperationReport: Codable, Hashable, Sendable {
    package let machine: BenchMachine
    package let peak: MeasuredPeak
    package let model: String
    package let batch: Int
    package let size: Int
    package let rounds: Int
    package let operations: [OperationMeasurement]

    /// Measures every primitive in turn with the others; times and counts are the metered backend's.
    ///
    /// - Parameter peakBytes: of each buffer that the copy's bandwidth is measured with.
    package init(
        of model: VisionTransformer.Configuration,
        named name: String,
        batch: Int,
        size: Int,
        rounds: Int,
        on backend: CPUBackend,
        peakBytes: Int = 128 << 20
    ) async throws {
        let metered = MeteredBackend(backend)
        let cases = try OperationCase.all(of: model, batch: batch, size: size, on: metered)
        let recorder = MeasuredPeak.Recorder(backend, byteCount: peakBytes)
        var costs = cases.map { _ in PrimitiveCost() }
        let measures = cases.enumerated().map { index, item -> () async -> Double in
            {
                metered.reset()
                item.body()
                let usage = metered.usage[item.primitive] ?? PrimitiveUsage()
                costs[index] = usage.cost
                return max(usage.seconds, 1e-9)
            }
        }
        let peakCase = { () async -> Double in
            recorder.measure()
            return 0
        }
        let results = await Interleaved.measurements(rounds: rounds, [peakCase] + measures)
        let found = recorder.peak
        machine = .read()
        peak = found
        self.model = name
        (self.batch, self.size, self.rounds) = (batch, size, rounds)
        operations = cases.enumerated().map { index, item in
            OperationMeasurement(
                item.primitive,
                shape: item.shape,
                seconds: Spread(results[index + 1]),
                cost: costs[index],
                peak: found
            )
        }
    }

    package var text: String {
        var table = TextTable([
            ("primitive", .left), ("shape", .left), ("ms", .right), ("lowest", .right), ("GFLOP/s", .right),
            ("GB/s", .right), ("floor ms", .right), ("× floor", .right),
        ])
        for operation in operations {
            table.append([
                operation.primitive.rawValue, Shape(operation.shape).description,
                String(format: "%.3f", operation.seconds.median * 1e3),
                String(format: "%.3f", operation.seconds.lowest * 1e3),
                String(format: "%.1f", operation.operationsPerSecond / 1e9),
                String(format: "%.1f", operation.bytesPerSecond / 1e9),
                String(format: "%.3f", operation.floorSeconds * 1e3),
                operation.floorSeconds > 0 ? String(format: "%.2f", operation.ratioToFloor) : "",
            ])
        }
        return """
            \(machine.text)
            \(peak.text)
            shapes   \(model), batch \(batch), \(size) px; rounds in turn: \(rounds)

            \(table.text)
            """
    }
}
