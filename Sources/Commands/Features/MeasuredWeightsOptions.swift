import ArgumentParser
import Checkpoints
import Models
import Postgres
import Stores

/// Whose weights an evaluation measures: those of a file, or a version of a run.
struct MeasuredWeightsOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var backend: BackendOptions

    @Option(help: "Weights to measure, in any layout that is known.")
    var weights: String?

    @Option(help: ArgumentHelp("Their model: a shipped name or a JSON file.", valueName: "name-or-json"))
    var model: String?

    @Option(help: "Measure a version of this run instead.")
    var run: String?

    @Option(name: .customLong("version"), help: "Number of the run's version; by default the newest.")
    var number: Int?

    @Option(help: "Whose weights of the run: the student's (mixed by --mix), or the teacher's.")
    var role: VersionExport.Role?

    @Option(
        help: ArgumentHelp(
            "Share of the student in the version, from 0 to 1; by default the recipe's.",
            valueName: "alpha"
        )
    )
    var mix: Double?

    func validate() throws {
        guard (weights == nil) != (run == nil) else { throw ValidationError("Give either --weights or --run.") }
        if weights != nil, model == nil { throw ValidationError("--weights needs --model.") }
        if run != nil, model != nil { throw ValidationError("--model goes with --weights; a run knows its own.") }
        if run == nil, number != nil || mix != nil || role != nil {
            throw ValidationError("--version, --role and --mix go with --run.")
        }
        if role == .teacher, mix != nil {
            throw ValidationError("--mix is about the student; leave it out with --role teacher.")
        }
    }

    func load() async throws -> MeasuredWeights {
        let backend = backend.backend()
        if let weights, let model {
            return MeasuredWeights(
                try Checkpoint.read(weights).native().checkpoint,
                of: try ModelOptions.configuration(of: model),
                from: MeasuredWeights.Origin(file: weights),
                on: backend
            )
        }
        let name = run ?? ""
        let (run, parts, checkpoint) = try await database.withDatabase { database in
            let run = try await RunStore(database).run(named: name)
            let export = VersionExport(database: database)
            // A run of prompts has its encoder beside them, the same for student and teacher.
            let prompts = try await export.prompts(of: run, role: role ?? .student, number: number)
            var line: ProgressLine?
            func show(_ done: Int, _ total: Int) {
                if line == nil { line = ProgressLine("reading weights", total: total, unit: "parameters") }
                line?.update(done)
            }
            let student = try await export.student(of: run, role: role ?? .student, number: number, progress: show)
            if student != nil, mix != nil {
                throw CommandFailure(.usage, "--mix is about weights of a model; run \(name) has a dense student.")
            }
            // A dense student stands on the encoder that it began with.
            let checkpoint = try await export.checkpoint(
                of: run,
                role: role ?? .student,
                number: number,
                alpha: student == nil ? mix : 0,
                progress: show
            )
            line.take()?.finish()
            return (run, (prompts: prompts, student: student), checkpoint)
        }
        let origin = MeasuredWeights.Origin(
            run: run.name,
            version: Int(checkpoint.metadata["step"] ?? ""),
            role: (role ?? .student).rawValue,
            alpha: parts.student == nil ? Double(checkpoint.metadata["alpha"] ?? "") : nil
        )
        let model = try ModelConfiguration(json: Array(run.model.utf8))
        return MeasuredWeights(
            checkpoint,
            of: model,
            prompts: parts.prompts,
            student: parts.student,
            from: origin,
            on: backend
        )
    }
}
