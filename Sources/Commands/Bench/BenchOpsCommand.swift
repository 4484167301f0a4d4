import ArgumentParser
import Models
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
        let report = try await OperationReport(
            of: tower,
            named: model,
            batch: batch,
            size: side,
            rounds: options.rounds,
            on: options.backend.backend()
        )
        if options.output.isJSON { try JSONOutput.print(report) } else { print(report.text) }
    }
}
