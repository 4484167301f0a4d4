import ArgumentParser
import Foundation
import Models
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

    @Option(help: ArgumentHelp("A shipped model or a JSON file in open_clip's form.", valueName: "name-or-json"))
    var model = "ViT-B-16"

    @Option(help: "Pictures in a batch.")
    var batch = 8

    @Option(help: ArgumentHelp("Side of a picture in pixels; by default the model's.", valueName: "pixels"))
    var size: Int?

    @OptionGroup var options: BenchOptions

    func validate() throws {
        if !(1...1024).contains(batch) { throw ValidationError("--batch is \(batch); it must be from 1 to 1024.") }
    }

    func run() async throws {
        let tower = try ModelOptions.configuration(of: model).vision
        let side = size ?? tower.imageHeight
        _ = try tower.grid(height: side, width: side)
        let benchmark = ProductBenchmark(
            ProductShape.all(of: tower, batch: batch, size: side),
            rounds: options.rounds
        )
        let all = options.backend.backend()
        var (peaks, products): ([MeasuredPeak], [ProductMeasurement]) = ([], [])
        for threads in Set([1, all.threadCount]).sorted() {
            let backend = threads == all.threadCount ? all : CPUBackend(threadCount: threads)
            let (peak, found) = await benchmark.measure(on: backend)
            peaks.append(peak)
            products += found
        }
        let report = GemmReport(
            machine: .read(),
            model: model,
            batch: batch,
            size: side,
            rounds: options.rounds,
            peaks: peaks,
            products: products
        )
        if options.output.isJSON { try JSONOutput.print(report) } else { print(report.text) }
    }
}
