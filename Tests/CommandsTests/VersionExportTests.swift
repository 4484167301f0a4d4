import Checkpoints
import Commands
import Configs
import Layers
import Models
import OrderedCollections
import Postgres
import Recipes
import Stores
import Tensors
import TestSupport
import Testing
import Transfers

@Suite("Exports of versions", .temporaryDatabase(.migrated))
struct VersionExportTests {
    /// A run whose version 0 is the tiny model with one tensor of a text tower.
    private func makeRun(_ weights: Checkpoint, _ runs: RunStore, _ store: WeightStore) async throws -> Run {
        let model = try ModelConfiguration(json: #require(Presets.models["stillhouse-tiny"]))
        let recipe = try RecipeLoader().load(
            "clipself-tiny",
            settings: ["model=stillhouse-tiny", "objective.student_size=64", "objective.unlocked_groups=1"]
        )
        let plan = try TrainingPlan(recipe, model: model)
        let loaded = try ModelWeights(weights, named: "test", for: plan.parameters, on: CPUBackend(threadCount: 1))
        let carried = try ParameterLayout([Parameter(path: "text_projection", shape: [2, 3])])
        let layout = RunLayout(student: plan.student, frozen: plan.frozen, carried: carried)
        let writer = WeightWriter(store)
        var chunks = try await writer.write(plan.student.flattened(loaded.parameters), as: .student)
        chunks += try await writer.write(plan.frozen.flattened(loaded.parameters), as: .frozen)
        chunks += try await writer.write(weights.floats(named: "text_projection"), as: .carried)
        let new = NewRun(
            name: "exported",
            seed: 1,
            recipe: try recipe.canonicalJSON(),
            model: model.json,
            layout: try layout.json(),
            parameterCount: plan.student.count,
            digests: RunDigests(
                recipe: try RecipeFingerprint(of: recipe).digest.bytes,
                layout: plan.layoutDigest.bytes,
                dataset: Digest(of: []).bytes
            ),
            epochSamples: 1,
            totalSteps: 1
        )
        _ = try await runs.create(new, startingFrom: chunks, update: VersionUpdate(chunks: chunks))
        return try await runs.run(named: "exported")
    }

    @Test("version 0 comes out as the start weights went in, with what the model does not read")
    func versionZero() async throws {
        let database = try TemporaryDatabase.current.database()
        var weights = try CommandLine.tinyWeights()
        weights.tensors["text_projection"] = CheckpointTensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        let run = try await makeRun(weights, RunStore(database), WeightStore(database))
        let export = VersionExport(database: database)
        let checkpoint = try await export.checkpoint(of: run)
        #expect(try checkpoint.contentDigest() == weights.contentDigest())
        #expect(checkpoint.metadata["format"] == "pt")
        #expect(checkpoint.metadata["step"] == "0")
        #expect(checkpoint.metadata["mode"] == "patches")
        await #expect(throws: CommandFailure.self) { try await export.checkpoint(of: run, number: 5) }
        await #expect(throws: CheckpointError.invalidAlpha(-1)) { try await export.checkpoint(of: run, alpha: -1) }
        await database.close()
    }
}
