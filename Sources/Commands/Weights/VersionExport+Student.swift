import Checkpoints
import Datasets
import Layers
package import Models
import Objectives
import OrderedCollections
import Recipes
package import Stores
import Transfers

extension VersionExport {
    /// The dense student of a run that trains one: its decoder, what of the image tower has trained, and its prompts.
    ///
    /// - Parameters:
    ///   - role: the teacher is the student's moving average.
    ///   - number: along the run's history; nil for its head.
    ///   - progress: called with parameters read so far and in all.
    /// - Returns: nil for a run of another objective.
    /// - Throws: `TransferError.versionRetired` when the head retired under each of five attempts.
    package func student(
        of run: Run,
        role: Role = .student,
        number: Int? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) async throws -> DenseStudent? {
        let request = try Request(run, role, alpha: 1)
        guard let objective = request.plan.objective as? MVPSEGPlus else { return nil }
        guard role == .student || request.plan.teacherSize > 0 else {
            throw CommandFailure(
                .usage,
                "Run \(run.name) trains a dense student, which has no average. Leave --role teacher out."
            )
        }
        return try await takeOut(number, of: run) { version in
            try student(await read(version, request, progress), objective, request, version)
        }
    }

    private func student(
        _ whole: Checkpoint,
        _ objective: MVPSEGPlus,
        _ request: Request,
        _ version: Version
    ) throws -> DenseStudent {
        let trained = Set(request.layout.student.paths)
        let isDecoders = { (path: String) in path.hasPrefix(DenseDecoder.scope + ".") }
        return DenseStudent(
            prompts: try prompts(whole, objective, origin(of: version, request)),
            decoder: whole.tensors.filter { isDecoders($0.key) },
            tower: whole.tensors.filter { trained.contains($0.key) && !isDecoders($0.key) },
            configuration: objective.decoder,
            learnedClass: objective.learnedClass.map { objective.classes.names[$0] }
        )
    }

    /// Those that the run began with.
    private func prompts(
        _ whole: Checkpoint,
        _ objective: MVPSEGPlus,
        _ origin: [String: String]
    ) throws -> SegmentationPrompts {
        let configuration = objective.configuration
        let contexts = try whole.tensor(named: MVPSEG.Prompts.contextsPath)
        guard let encoder = configuration.encoder, let readout = configuration.readout,
            let sharpness = configuration.gateSharpness, contexts.shape.count == 3
        else {
            throw CommandFailure(
                .usage,
                "Run \(origin["run"] ?? "") does not say which encoder its student is for: its recipe has lost it."
            )
        }
        return SegmentationPrompts(
            contexts: try contexts.floats(),
            count: contexts.shape[0] - 1,
            length: contexts.shape[1],
            width: contexts.shape[2],
            logScale: try whole.tensor(named: MVPSEG.Prompts.logScalePath).floats()[0],
            logGateTemperature: try whole.tensor(named: MVPSEG.Prompts.logTemperaturePath).floats()[0],
            facts: SegmentationPrompts.Facts(
                isGated: configuration.isGated,
                gateSharpness: sharpness,
                readout: readout,
                encoder: encoder,
                tokenizer: CLIPTokenizer.digest,
                classList: objective.classes.digestText,
                origin: origin.merging(configuration.parent.map { ["parent": $0] } ?? [:]) { $1 }
            )
        )
    }
}
