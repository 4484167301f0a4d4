import ArgumentParser
import Checkpoints
import Foundation
import Models
import OrderedCollections
import Postgres
import Stores

/// `stillhouse weights pull`
struct WeightsPullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Write a version of a run as a safetensors file.",
        discussion: """
            The file is the full model. What was trained is alpha · student + (1 - alpha) · start weights, computed in \
            fp32; everything else, such as a text tower that does not train, is copied from the start weights. \
            Parameters of the objective that belong to no model, such as a distillation head, are left out of every \
            layout; `run fork` keeps them. The model's JSON is written beside it, under the same name with .json, fit \
            for --model.

            A teacher that follows the student has values of its own for part of the model, such as the image tower; \
            with --role teacher the rest is the student's of that version: text tower, temperature and bias.

            A run that trains prompts only gives a file of these alone, of some kilobytes, with the digest of the encoder that \
            they belong to; --role teacher gives their moving average.

            A run that trains a dense student gives a file of its decoder, of what has trained of the image tower, and of the \
            prompts it began with; like prompts it goes with the encoder that they belong to.

            Dense features of these weights are read by the value path of the last block, as `encode dense` does. Exit \
            status 75 says that versions were retired faster than they could be read: try again.
            """
    )

    @OptionGroup var database: DatabaseOptions

    @Argument(help: "Name of the run.")
    var run: String

    @Option(name: .customLong("version"), help: "Number of the version; by default the newest.")
    var number: Int?

    @Option(
        help: "What to write: the student (mixed by --mix), or the teacher: a moving one, or else the start weights."
    )
    var role: VersionExport.Role = .student

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
        if role == .teacher, mix != nil {
            throw ValidationError("--mix is about the student; leave it out with --role teacher.")
        }
    }

    func run() async throws {
        let (run, pulled) = try await database.withDatabase { database in
            let run = try await RunStore(database).run(named: self.run)
            let export = VersionExport(database: database)
            if let prompts = try await export.prompts(of: run, role: role, number: number) {
                return (run, Pulled.prompts(prompts))
            }
            var line: ProgressLine?
            func show(_ done: Int, _ total: Int) {
                if line == nil { line = ProgressLine("reading weights", total: total, unit: "parameters") }
                line?.update(done)
            }
            let student = try await export.student(of: run, role: role, number: number, progress: show)
            let pulled =
                if let student { Pulled.student(student) } else {
                    Pulled.model(
                        try await export
                            .checkpoint(of: run, role: role, number: number, alpha: mix, progress: show)
                    )
                }
            line.take()?.finish()
            return (run, pulled)
        }
        switch pulled {
        case .model(let native): try write(native, of: run)
        case .prompts(let prompts): try write(prompts)
        case .student(let student): try write(student)
        }
    }

    private enum Pulled: Sendable {
        case model(Checkpoint)
        case prompts(SegmentationPrompts)
        case student(DenseStudent)
    }

    private func write(_ prompts: SegmentationPrompts) throws {
        guard mix == nil else {
            throw CommandFailure(.usage, "--mix is about weights of a model; run \(run) has prompts. Leave it out.")
        }
        let checkpoint = try prompts.checkpoint.converted(to: dtype)
        try checkpoint.write(to: output)
        let result = PulledPrompts(prompts, file: output, checkpoint: checkpoint)
        if json { try JSONOutput.print(result) } else { print(result.text) }
    }

    private func write(_ student: DenseStudent) throws {
        guard mix == nil else {
            throw CommandFailure(.usage, "--mix is about weights of a model; run \(run) has a student. Leave it out.")
        }
        let checkpoint = try student.checkpoint.converted(to: dtype)
        try checkpoint.write(to: output)
        let result = PulledStudent(student, file: output, checkpoint: checkpoint)
        if json { try JSONOutput.print(result) } else { print(result.text) }
    }

    private func write(_ native: Checkpoint, of run: Run) throws {
        let checkpoint = try native.laidOut(as: layout).converted(to: dtype)
        try checkpoint.write(to: output)
        let model = URL(fileURLWithPath: output).deletingPathExtension().appendingPathExtension("json").relativePath
        try OutputFile.write(run.model.utf8, to: model)
        let result = Result(
            file: output,
            model: model,
            run: run.name,
            role: role.rawValue,
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
        let role: String
        let version: Int
        let alpha: Double
        let layout: String
        let tensors: Int
        let parameters: Int
        let bytes: Int
        let sha256: Digest

        var text: String {
            """
            \(file): \(role) at version \(version) of \(run), alpha \(alpha), layout \(layout), \(Units.count(tensors)) tensors, \
            \(Units.count(parameters)) parameters, \(Units.bytes(bytes))
            content sha256 \(sha256)
            model: \(model)
            """
        }
    }
}

extension VersionExport.Role: ExpressibleByArgument {}
