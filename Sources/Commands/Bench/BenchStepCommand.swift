import ArgumentParser
import Datasets
import Foundation
import Models
import Objectives
import Recipes
import Tensors

/// `stillhouse bench step`
struct BenchStepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Measure training steps.",
        discussion: """
            Runs one job of a recipe as a worker does, on random weights unless --weights names others, and breaks it \
            down by phase (decode, prepare: crop and resize, teacher, forward, backward, encode) and by kernel. Push \
            and wait need a database and are no part of it. By default the sample recipe, from the folder of the clone.

            With --work, work of fixed shapes on random weights and pictures, for comparisons: one JSON line a \
            repetition with `work`, `repetition`, `seconds`, `threads`, `operations`, `peak_operations_per_second` \
            (multiply-adds in registers, just before), and `peak_resident_bytes` of this process so far. \
            Deploy/compare-pytorch runs the same in PyTorch.
            """
    )

    @Option(help: ArgumentHelp("A recipe file, or the name of a shipped recipe.", valueName: "name-or-yaml"))
    var recipe: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Lay a setting over the recipe; may repeat.", valueName: "key=value")
    )
    var settings: [String] = []

    @OptionGroup var images: DatasetOptions

    @Option(help: "Weights that student and teacher start from; by default random ones.")
    var weights: String?

    @Option(help: "Pictures in the job; by default the recipe's.")
    var pictures: Int?

    @Option(help: "Work of fixed shapes instead of a recipe's step.")
    var work: FixedWork?

    @Option(help: ArgumentHelp("Model of --work, by default ViT-B-16.", valueName: "name-or-json"))
    var model: String?

    @Option(help: ArgumentHelp("Side of --work's pictures in pixels, instead of its own.", valueName: "pixels"))
    var size: Int?

    @Flag(help: "Run a repetition of --work for each line on standard input, so that another process may take turns.")
    var onRequest = false

    @OptionGroup var options: BenchOptions

    func validate() throws {
        if let pictures, !(1...4096).contains(pictures) {
            throw ValidationError("--pictures is \(pictures); it must be from 1 to 4096.")
        }
        if let work {
            let recipes = [recipe, weights, images.images, images.index, pictures.map(String.init), settings.first]
            guard recipes.allSatisfy({ $0 == nil }) else {
                throw ValidationError(
                    "--work \(work.rawValue) has its own pictures and weights; leave out what a recipe wants."
                )
            }
        } else if model != nil || size != nil || onRequest {
            throw ValidationError("--model, --size and --on-request belong to --work; for a recipe: --set model=NAME.")
        }
    }

    func run() async throws {
        if let work { return try measure(work) }
        let recipe = try RecipeLoader().load(recipe ?? "clipself-tiny", settings: settings)
        let measurement = try await StepBenchmark(
            recipe,
            dataset: try await images.open(source(of: recipe)),
            weights: weights,
            pictures: pictures,
            on: options.backend.backend()
        ).measure(rounds: options.rounds)
        if options.output.isJSON { try JSONOutput.print(measurement) } else { print(measurement.text) }
    }

    /// Where the pictures are; those named on the command line need no annotations if the objective reads none.
    private func source(of recipe: Recipe) -> Recipe.DataSource {
        guard let root = images.images, case .clipSelf(let objective) = recipe.objective, objective.regions == .patches
        else { return recipe.data }
        return Recipe.DataSource(kind: .folder, root: root)
    }

    private func measure(_ work: FixedWork) throws {
        let model = try ModelOptions.configuration(of: model ?? "ViT-B-16")
        if let size { _ = try model.vision.grid(height: size, width: size) }
        let backend = options.backend.backend()
        let metered = MeteredBackend(backend)
        let probe = PeakProbe(backend, byteCount: 64)
        let prepared = try work.prepared(model, size: size, on: metered)
        func repeatWork(_ number: Int) throws {
            let peak = probe.fmaRate()
            metered.reset()
            let duration = try ContinuousClock().measure { try prepared.repetition() }
            let repetition = WorkRepetition(
                work: work,
                repetition: number,
                seconds: duration / .seconds(1),
                threads: backend.threadCount,
                operations: metered.usage.values.reduce(0) { $0 + $1.cost.operations },
                peakOperationsPerSecond: peak,
                peakResidentBytes: PeakMemory.bytes
            )
            Self.write(try JSONOutput.text(repetition, isOneLine: true))
        }
        guard onRequest else { return try (1...options.rounds).forEach(repeatWork) }
        // The first answer says that everything is prepared.
        Self.write(try JSONOutput.text(Readiness(ready: work, machine: .read()), isOneLine: true))
        var number = 0
        while readLine() != nil {
            number += 1
            try repeatWork(number)
        }
    }

    private struct Readiness: Encodable {
        let ready: FixedWork
        let machine: BenchMachine
    }

    /// A line that arrives at once, even in a pipe.
    private static func write(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }
}

extension FixedWork: ExpressibleByArgument {}
