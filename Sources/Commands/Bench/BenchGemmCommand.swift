import ArgumentParser
import Foundation
import Tensors

/// `stillhouse bench gemm`
struct BenchGemmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gemm",
        abstract: "Measure the matrix products of a model's training step.",
        discussion: """
            Every linear layer forward (x·Wᵀ + b), for the input's gradient (dX) and for the weights' (dW), and one \
            head's products; on one thread and on all of them. Beside each stands OpenBLAS's own sgemm on the same \
            matrices with its own threads, measured in turn.
            """
    )

    @OptionGroup var shapes: BenchShapeOptions
    @OptionGroup var options: BenchOptions

    func run() async throws {
        let (tower, side) = try shapes.tower()
        let benchmark = ProductBenchmark(
            ProductShape.all(of: tower, batch: shapes.batch, size: side),
            rounds: options.rounds
        )
        let all = options.backend.backend()
        var (peaks, products): ([MeasuredPeak], [ProductMeasurement]) = ([], [])
        for threads in Set([1, all.threadCount]).sorted() {
            let backend = threads == all.threadCount ? all : CPUBackend(threadCount: threads)
            let (peak, found) = try await benchmark.measure(on: backend)
            peaks.append(peak)
            products += found
        }
        let report = GemmReport(
            machine: .read(),
            model: shapes.model,
            batch: shapes.batch,
            size: side,
            rounds: options.rounds,
            peaks: peaks,
            products: products
        )
        if options.output.isJSON { try JSONOutput.print(report) } else { print(report.text) }
    }
}
