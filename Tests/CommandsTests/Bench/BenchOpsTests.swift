import Commands
import Foundation
import Tensors
import Testing

@Suite("bench ops") struct BenchOpsTests {
    private func report() async throws -> OperationReport {
        try await OperationReport(
            of: Benchmark.tower(),
            named: "stillhouse-tiny",
            batch: 2,
            size: 48,
            rounds: 2,
            on: CPUBackend(threadCount: 2),
            peakBytes: 1 << 16
        )
    }

    @Test("every primitive is measured once, at the model's shapes")
    func complete() async throws {
        let report = try await report()
        #expect(Set(report.operations.map(\.primitive)) == Set(Primitive.allCases))
        #expect(report.operations.count == Primitive.allCases.count)
        // 48 px in patches of 8: 36 patches and the class token, 64 wide.
        let add = try #require(report.operations.first { $0.primitive == .add })
        #expect(add.shape == [2, 37, 64])
        #expect((add.operations, add.bytes) == (2 * 37 * 64, 12 * 2 * 37 * 64))
        for operation in report.operations { #expect(report.text.contains(operation.primitive.rawValue)) }
    }

    @Test("a report has every documented field, and reads back as it was")
    func fields() async throws {
        let report = try await report()
        #expect(try Benchmark.decoded(report) == report)
        let fields = try Benchmark.fields(of: report)
        #expect(Set(fields.keys) == ["machine", "peak", "model", "batch", "size", "rounds", "operations"])
        #expect(
            Set(try Benchmark.first("operations", of: fields).keys) == [
                "primitive", "shape", "seconds", "operations", "bytes", "operations_per_second", "bytes_per_second",
                "floor_seconds", "ratio_to_floor",
            ]
        )
    }

    @Test("a size that is no whole number of patches is refused")
    func refusal() async {
        await #expect(throws: (any Error).self) {
            try await CommandLine.run("bench", "ops", "--model", "stillhouse-tiny", "--size", "30")
        }
    }
}
