import ArgumentParser
import Checkpoints
import Datasets
import Layers
import Models
import Objectives
import OrderedCollections
import Recipes
import Tensors

/// `stillhouse gradient`
struct GradientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gradient",
        abstract: "Compute one job's gradient offline, from a recipe, weights and pictures.",
        discussion: """
            The same code as a worker's, without a database: for debugging, and to compare with another \
            implementation. Samples are ids, that is, positions in the data set's index. Where an objective compares \
            all samples of an update with each other, these are all there are; a moving teacher has the weights of \
            --weights, and a centre is zero, as in version 0 of a run.

            The file holds one tensor a trained parameter under its open_clip key, in the parameter's full shape; rows \
            that do not train are zero. Numbers are summed over loss units, as a job submits them; --mean divides. \
            Metadata hold counts, loss, seed, epoch and the recipe's digest.
            """
    )

    @OptionGroup var recipe: RecipeOptions
    @OptionGroup var dataset: DatasetOptions
    @OptionGroup var backend: BackendOptions

    @Option(
        help: ArgumentHelp("Model in place of the recipe's: a shipped name or a JSON file.", valueName: "name-or-json")
    )
    var model: String?

    @Option(
        help: "Weights of the teacher, and of the student unless --student is given; by default the recipe's start."
    )
    var weights: String?

    @Option(help: ArgumentHelp("Weights of the student.", valueName: "weights"))
    var student: String?

    @Option(help: ArgumentHelp("Sample ids parted by commas, in the order of the sum.", valueName: "ids"))
    var samples: SampleList

    @Option(help: "Epoch whose random choices are made.")
    var epoch = 0

    @Flag(help: "Divide by the number of loss units.")
    var mean = false

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        if epoch < 0 { throw ValidationError("--epoch is \(epoch); it must be 0 or more.") }
    }

    func run() async throws {
        let named = try recipe.load()
        let dataset = try await dataset.open(named.data)
        let recipe = try named.bound(to: dataset.index.classes)
        let backend = backend.backend()
        let plan = try TrainingPlan(
            recipe,
            model: try model.map(ModelOptions.configuration(of:)) ?? recipe.loadModel()
        )
        if plan.objective is MVPSEGPlus {
            throw CommandFailure(.usage, "A dense student's classes are made of prompts, which only a run has.")
        }
        let start = try startTree(plan, on: backend)
        let first = try plan.student.flattened(start)
        let trained = try student.map { path in
            try plan.student.flattened(StartWeights.tree(path, plan, on: backend))
        }
        let step = try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: recipe.seed,
            base: plan.base(frozen: plan.frozen.flattened(start), on: backend),
            teacher: plan.teacherPolicy == .frozen ? first : nil,
            on: backend
        )
        let version = try step.weights(
            trained ?? first,
            teacher: plan.teacherSize > 0 ? plan.teacher.flattened(start) : nil
        )
        let job = JobSamples(samples.ids, epoch: epoch)
        let peers = plan.objective.peerScope == .update ? try await step.peerRows(of: job, at: version).rows : nil
        let (payload, report) = try await step.gradient(of: job, at: version, among: peers)
        // Without the statistics behind it.
        let gradient = Array(payload.prefix(plan.student.count))
        let scale = mean && report.units > 0 ? 1 / Float(report.units) : 1
        var assembly = VersionAssembly()
        try assembly.place(mean ? gradient.map { $0 * scale } : gradient, by: plan.student)
        var checkpoint = assembly.checkpoint
        checkpoint.metadata = [
            "kind": mean ? "gradient, mean over units" : "gradient, sum over units",
            "samples": samples.ids.map(String.init).joined(separator: ","),
            "units": String(report.units),
            "loss": String(report.loss),
            "epoch": String(epoch),
            "seed": String(recipe.seed),
            "recipe_sha256": try RecipeFingerprint(of: recipe).description,
        ]
        try checkpoint.write(to: output)
        try show(report, checkpoint)
    }

    private func startTree(_ plan: TrainingPlan, on backend: any Backend) throws -> ParameterTree {
        guard let weights else { return try StartWeights(plan.recipe, plan, on: backend).tree }
        return try StartWeights.tree(weights, plan, on: backend)
    }

    private func show(_ report: StepReport, _ checkpoint: Checkpoint) throws {
        if json { return try JSONOutput.print(Output(file: output, tensors: checkpoint.tensors.count, report: report)) }
        print("\(output): \(checkpoint.tensors.count) tensors, \(Units.count(checkpoint.parameterCount)) numbers")
        print("\(report.samples) pictures, \(report.units) units, norm of the mean gradient \(report.norm)")
        var table = TextTable([("term", .left), ("sum", .right), ("count", .right), ("mean", .right)])
        for term in report.terms {
            table.append([term.name, "\(term.sum)", "\(term.count)", term.mean.map { "\($0)" } ?? ""])
        }
        print(table.text)
        for bad in report.badSamples { print("sample \(bad.id) (\(bad.key)) was passed over: \(bad.reason)") }
    }

    private struct Output: Encodable {
        let file: String
        let tensors: Int
        let report: StepReport
    }
}
