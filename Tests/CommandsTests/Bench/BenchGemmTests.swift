import Commands
import Foundation
import Models
import Tensors
import Testing

@Suite("bench gemm") struct BenchGemmTests {
    @Test("the products of ViT-B/16 are those of its layers, forward, for the inputs and for the weights")
    func shapes() throws {
        let shapes = ProductShape.all(of: try Benchmark.tower("ViT-B-16"), batch: 8, size: 224)
        let expected = [
            "patches forward 1568×768×768", "patches dW 768×1568×768",
            "qkv forward 1576×768×2304", "qkv dX 1576×2304×768", "qkv dW 2304×1576×768",
            "attention output forward 1576×768×768", "attention output dX 1576×768×768",
            "attention output dW 768×1576×768",
            "MLP expand forward 1576×768×3072", "MLP expand dX 1576×3072×768", "MLP expand dW 3072×1576×768",
            "MLP contract forward 1576×3072×768", "MLP contract dX 1576×768×3072", "MLP contract dW 768×1576×3072",
            "Q·Kᵀ head 197×64×197", "P·V head 197×197×64", "Pᵀ·dY head 197×197×64",
        ]
        #expect(shapes.map { "\($0.name) \($0.pass.rawValue) \($0.rows)×\($0.inner)×\($0.columns)" } == expected)
    }

    @Test("the forward products of a picture are 17.5 billion multiply-adds, as the literature counts ViT-B/16")
    func total() throws {
        let shapes = ProductShape.all(of: try Benchmark.tower("ViT-B-16"), batch: 1, size: 224)
        let forward = shapes.filter { $0.pass == .forward }.reduce(0) { $0 + $1.operations * $1.callsPerStep }
        // Attention forward is one Q·Kᵀ and one P·V a head; 12 heads in 12 blocks.
        let heads = shapes.filter { ["Q·Kᵀ", "P·V"].contains($0.name) }.reduce(0) { $0 + $1.operations * 144 }
        #expect(abs(Double(forward + heads) / 2e9 - 17.5) < 0.1)
        // Seven products a head: two forward, and five backward with the scores computed again.
        #expect(shapes.filter { $0.pass == .head }.reduce(0) { $0 + $1.callsPerStep } == 7 * 144)
    }

    @Test("a report has every documented field, and reads back as it was")
    func report() async throws {
        let shapes = ProductShape.all(of: try Benchmark.tower(), batch: 1, size: 32)
        let (peak, products) = await ProductBenchmark(shapes, rounds: 2)
            .measure(on: CPUBackend(threadCount: 2), peakBytes: 1 << 16)
        let report = GemmReport(
            machine: .read(),
            model: "stillhouse-tiny",
            batch: 1,
            size: 32,
            rounds: 2,
            peaks: [peak],
            products: products
        )
        #expect(products.map(\.shape) == shapes)
        #expect(products.allSatisfy { $0.seconds.count == 2 && $0.seconds.lowest > 0 && $0.blasSeconds.lowest > 0 })
        #expect(try Benchmark.decoded(report) == report)
        let fields = try Benchmark.fields(of: report)
        #expect(Set(fields.keys) == ["machine", "model", "batch", "size", "rounds", "peaks", "products"])
        #expect(Benchmark.machine.isSubset(of: Set(try #require(fields["machine"] as? [String: Any]).keys)))
        #expect(Set(try Benchmark.first("peaks", of: fields).keys) == Benchmark.peak)
        let product = try Benchmark.first("products", of: fields)
        #expect(
            Set(product.keys) == [
                "shape", "threads", "seconds", "blas_seconds", "operations_per_second", "blas_operations_per_second",
                "share_of_peak", "floor_seconds", "ratio_to_floor", "speed_ratio_to_blas",
            ]
        )
        #expect(Set(try #require(product["seconds"] as? [String: Any]).keys) == Benchmark.spread)
        for shape in shapes { #expect(report.text.contains("\(shape.rows)×\(shape.inner)×\(shape.columns)")) }
    }

    @Test("a batch, a size or a model that cannot be is refused by name")
    func refusals() async throws {
        #expect(CommandLine.refusal("bench", "gemm", "--batch", "0").contains("--batch is 0"))
        #expect(CommandLine.refusal("bench", "gemm", "--rounds", "0").contains("--rounds is 0"))
        #expect(CommandLine.refusal("bench", "gemm", "--threads", "0").contains("--threads is 0"))
        await #expect(throws: ModelsError.self) { try await CommandLine.run("bench", "gemm", "--size", "100") }
        await #expect(throws: CommandFailure.self) { try await CommandLine.run("bench", "gemm", "--model", "none") }
    }
}
