import ArgumentParser
import Checkpoints
import Models
import Postgres
import Stores
import Tensors

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
        return try await database.withDatabase { database in
            let run = try await RunStore(database).run(named: name)
            let export = VersionExport(database: database)
            let model = try ModelConfiguration(json: Array(run.model.utf8))
            if let prompts = try await export.prompts(of: run, role: role ?? .student, number: number) {
                let encoder = try await encoder(of: run, from: export, beside: "prompts")
                return MeasuredWeights(
                    encoder,
                    of: model,
                    prompts: prompts,
                    from: origin(run, version: prompts.facts.origin["step"]),
                    on: backend
                )
            }
            if let student = try await student(of: run, from: export) {
                let encoder = try await encoder(of: run, from: export, beside: "a dense student")
                return MeasuredWeights(
                    encoder,
                    of: model,
                    student: student,
                    from: origin(run, version: student.prompts.facts.origin["step"]),
                    on: backend
                )
            }
            let checkpoint = try await read(from: export, run, role: role ?? .student, number: number, alpha: mix)
            let origin = MeasuredWeights.Origin(
                run: run.name,
                version: Int(checkpoint.metadata["step"] ?? ""),
                role: (role ?? .student).rawValue,
                alpha: Double(checkpoint.metadata["alpha"] ?? "")
            )
            return MeasuredWeights(checkpoint, of: model, from: origin, on: backend)
        }
    }

    private func origin(_ run: Run, version: String?) -> MeasuredWeights.Origin {
        MeasuredWeights.Origin(run: run.name, version: version.flatMap(Int.init), role: (role ?? .student).rawValue)
    }

    private func student(of run: Run, from export: VersionExport) async throws -> DenseStudent? {
        try await shown { progress in
            try await export.student(of: run, role: role ?? .student, number: number, progress: progress)
        }
    }

    /// The encoder that a run of prompts, or of a dense student, began with: that of version 0, which is always there, goes with
    /// whichever version, also while the run moves on.
    private func encoder(of run: Run, from export: VersionExport, beside what: String) async throws -> Checkpoint {
        guard mix == nil else {
            throw CommandFailure(
                .usage,
                "--mix is about weights of a model; run \(run.name) has \(what). Leave it out."
            )
        }
        return try await read(from: export, run, role: .student, number: 0, alpha: 1)
    }

    private func read(
        from export: VersionExport,
        _ run: Run,
        role: VersionExport.Role,
        number: Int?,
        alpha: Double?
    ) async throws -> Checkpoint {
        try await shown { progress in
            try await export.checkpoint(of: run, role: role, number: number, alpha: alpha, progress: progress)
        }
    }

    /// Something that reads weights, with a line of progress once there is anything to read.
    private func shown<Result>(
        _ read: (_ progress: (Int, Int) -> Void) async throws -> Result
    ) async throws -> Result {
        var line: ProgressLine?
        let result = try await read { done, total in
            if line == nil { line = ProgressLine("reading weights", total: total, unit: "parameters") }
            line?.update(done)
        }
        line.take()?.finish()
        return result
    }
}
