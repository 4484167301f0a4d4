import ArgumentParser
import Tensors

/// `stillhouse bench ops`
struct BenchOpsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ops",
        abstract: "Measure every primitive of the backend at a model's shapes.",
        discussion: """
            Time, rates and distance from the floor: the larger of operations over the measured multiply-add rate, and \
            bytes (each operand read once, each result written once) over the measured copy bandwidth. What stays in a \
            cache can be faster than that.
            """
    )

    @OptionGroup var shapes: BenchShapeOptions
    @OptionGroup var options: BenchOptions

    func run() async throws {
        let (tower, side) = try shapes.tower()
        let report = try await OperationReport(
            of: tower,
            named: shapes.model,
            batch: shapes.batch,
            size: side,
            rounds: options.rounds,
            on: options.backend.backend()
        )
        if options.output.isJSON { try JSONOutput.print(report) } else { print(report.text) }
    }
}
