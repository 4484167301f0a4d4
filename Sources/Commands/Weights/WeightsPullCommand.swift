import ArgumentParser
import Checkpoints
import Foundation
import Models
import OrderedCollections
import Postgres
import Stores

/// `stillhouse weights pull`
struct WeightsPullCommand: AsyncParsableCommand {
    enum Role: String, ExpressibleByArgument, CaseIterable {
        case student, teacher
    }

    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Write a version of a run as a safetensors file.",
        discussion: """
            The file is the full model. What was trained is alpha · student + (1 - alpha) · start weights, computed in \
            fp32; everything else, the text tower too, is copied from the start weights. The model's JSON is written \
            beside it, under the same name with .json, fit for --model.

            Dense features of these weights are read by the value path of the last block, as `encode dense` does. Exit \
            status 75 says that versions were retired faster than they could be read: try again.
            """
    )

    @OptionGroup var database: DatabaseOptions

    @Argument(help: "Name of the run.")
    var run: String

    @Option(name: .customLong("version"), help: "Number of the version; by default the newest.")
    var number: Int?

    @Option(help: "What to write: the student (mixed by --mix), or the teacher, which is the start weights.")
    var role: Role = .student

    @Option(
        help: ArgumentHelp(
            "Share of the student, from 0 to 1; 1 is the raw student. Default: the recipe's.",
            valueName: "alpha"
        )
    )
    var mix: Double?

    @Option(help: "Names and form of the tensors in the file.")
    var layout: CheckpointLayout = .openCLIP

    @Option(help: "Type of the numbers.")
    var dtype: CheckpointTensor.DType = .float32

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Flag(help: "Print what was written as JSON.")
    var json = false

    func validate() throws {
        if isTeacher, mix != nil || number != nil {
            throw ValidationError("--mix and --version are about the student; leave them out with --role teacher.")
        }
    }

    /// The objectives that there are keep their start weights as teacher, which version 0 holds.
    private var isTeacher: Bool { role == .teacher }

    func run() async throws {
        let (run, native) = try await database.withDatabase { database in
            let run = try await RunStore(database).run(named: self.run)
            var line: ProgressLine?
            let native = try await VersionExport(database: database)
                .checkpoint(of: run, number: isTeacher ? 0 : number, alpha: isTeacher ? 1 : mix) { done, total in
                    if line == nil { line = ProgressLine("reading weights", total: total, unit: "parameters") }
                    line?.update(done)
                }
            line.take()?.finish()
            return (run, native)
        }
        let checkpoint = try native.laidOut(as: layout).converted(to: dtype)
        try checkpoint.write(to: output)
        let model = URL(fileURLWithPath: output).deletingPathExtension().appendingPathExtension("json").relativePath
        try OutputFile.write(run.model.utf8, to: model)
        let result = Result(
            file: output,
            model: model,
            run: run.name,
            version: Int(native.metadata["step"] ?? "") ?? 0,
            alpha: Double(native.metadata["alpha"] ?? "") ?? 1,
            layout: layout.rawValue,
            tensors: checkpoint.tensors.count,
            parameters: checkpoint.parameterCount,
            bytes: checkpoint.byteCount,
            sha256: try checkpoint.contentDigest()
        )
        if json { try JSONOutput.print(result) } else { print(result.text) }
    }

    struct Result: Encodable {
        let file: String
        let model: String
        let run: String
        let version: Int
        let alpha: Double
        let layout: String
        let tensors: Int
        let parameters: Int
        let bytes: Int
        let sha256: Digest

        var text: String {
            """
            \(file): version \(version) of \(run), alpha \(alpha), layout \(layout), \(Units.count(tensors)) tensors, \
            \(Units.count(parameters)) parameters, \(Units.bytes(bytes))
            content sha256 \(sha256)
            model: \(model)
            """
        }
    }
}
