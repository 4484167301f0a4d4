import Checkpoints
import Layers
package import Models
import Objectives
import Recipes
package import Stores
import Transfers

extension VersionExport {
    /// The prompts of a run that trains nothing else: kilobytes, without the encoder they belong to.
    ///
    /// - Parameters:
    ///   - role: the teacher is the moving average of the prompts.
    ///   - number: along the run's history; nil for its head.
    /// - Returns: nil for a run of another objective, whose weights are a model.
    /// - Throws: `TransferError.versionRetired` when the head retired under each of five attempts.
    package func prompts(of run: Run, role: Role = .student, number: Int? = nil) async throws -> SegmentationPrompts? {
        let request = try Request(run, role, alpha: 1)
        guard let objective = request.plan.objective as? MVPSEG else { return nil }
        guard let encoder = objective.configuration.encoder else {
            throw CommandFailure(
                .usage,
                "Run \(run.name) does not say which encoder its prompts are for: its recipe has lost objective.encoder."
            )
        }
        return try await takeOut(number, of: run) { version in
            var traffic = WeightReader.Traffic()
            let layout = role == .teacher ? request.plan.teacher : request.plan.student
            let chunk: ChunkRole = role == .teacher ? .teacher : .student
            let flat = try await reader.read(chunk, of: version.id, count: layout.count, traffic: &traffic)
            let own = ["classification": objective.configuration.classification.rawValue]
            return try prompts(flat, layout, objective, encoder, origin(of: version, request).merging(own) { $1 })
        }
    }

    private func prompts(
        _ flat: [Float],
        _ layout: ParameterLayout,
        _ objective: MVPSEG,
        _ encoder: Digest,
        _ origin: [String: String]
    ) throws -> SegmentationPrompts {
        func values(_ path: String) throws -> [Float] {
            guard let index = layout.slices.firstIndex(where: { $0.path == path && $0.coversParameter }) else {
                throw CommandFailure(
                    .usage,
                    "This run keeps \(path) as it was at the start: remove the parameter rule that freezes it."
                )
            }
            return Array(flat[layout.range(of: index)])
        }
        return objective.segmentationPrompts(
            contexts: try values(MVPSEG.Prompts.contextsPath),
            logScale: try values(MVPSEG.Prompts.logScalePath)[0],
            logGateTemperature: try values(MVPSEG.Prompts.logTemperaturePath)[0],
            encoder: encoder,
            origin: origin
        )
    }

    func origin(of version: Version, _ request: Request) -> [String: String] {
        [
            "run": request.run.name,
            "role": request.role.rawValue,
            "step": String(version.number),
            "recipe_sha256": Self.hexadecimal(request.run.digests.recipe),
            "dataset_sha256": Self.hexadecimal(request.run.digests.dataset),
            "version_content_sha256": Self.hexadecimal(version.update.contentDigest),
            "version_chain_sha256": Self.hexadecimal(version.update.chainDigest),
        ]
    }
}
