import Checkpoints
import Foundation
import Layers
import Models
import Objectives
import Postgres
import Recipes
import Stores
import TestSupport
import Testing
import Transfers

/// A training of prompts on the committed scenes: kilobytes a job, a term that the aggregator adds, a file of their own.
@Suite(.temporaryDatabase(.migrated), .serialized) struct PromptRunTests {
    /// Six steps of three jobs of two scenes each, with a random encoder of two blocks a tower.
    private static let settings = [
        "model=stillhouse-tiny", "start.weights=null", "start.initialize=3", "objective.view_size=32",
        "objective.unseen=[cat, dog, cow]", "objective.class_batch=32", "data.scenes.size=40",
        "schedule.updates=6", "schedule.warmup_updates=1", "aggregation.images_per_job=2",
        "aggregation.jobs_per_step=3",
    ]

    private func create(_ name: String, _ fleet: Fleet, settings: [String] = []) async throws -> Run {
        let all = Self.settings + ["data.root=\(fleet.samples)/desk/train"] + settings
        let creation = try fleet.start(
            ["run", "create", name, "--recipe", "mvpseg-desk"] + all.flatMap { ["--set", $0] }
        )
        #expect(await creation.exitStatus() == 0, "\(creation.text)")
        return try await RunStore(fleet.database).run(named: name)
    }

    /// Three workers of which one is killed with a gradient in hand, under aggregators that are killed everywhere.
    private func finishHurt(_ run: Run, _ fleet: Fleet) async throws -> Version {
        let killed = try fleet.worker(run, fault: "worker.computed")
        try await eventually("a worker is stopped with a gradient in hand") { killed.isStopped }
        killed.signal(SIGKILL)
        #expect(await killed.exitStatus() == -SIGKILL)
        let workers = [try fleet.worker(run), try fleet.worker(run)]
        // The third leaves two versions behind that the fourth has to replay, each with its penalty.
        for point in ["aggregator.reduced", "aggregator.drafted", "aggregator.published:2", "aggregator.replayed"] {
            let victim = try fleet.start(["aggregator", "start", "--run", run.name], fault: point)
            try await eventually("an aggregator is stopped at \(point)") {
                _ = try await RunStore(fleet.database).head(of: run.id)
                return victim.isStopped
            }
            victim.signal(SIGKILL)
            #expect(await victim.exitStatus() == -SIGKILL)
        }
        return try await fleet.finish(run, workers)
    }

    @Test("one worker, and three with kills, end in the same prompts to the last bit, and the prompts are pulled")
    func sameBits() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await create("calm", fleet)
        let calmEnd = try await fleet.finish(calm, [try fleet.worker(calm, threads: 2)])
        try await fleet.database.execute("UPDATE stillhouse.setting SET checkpoint_versions = 3")
        let stormy = try await create("stormy", fleet)
        let end = try await finishHurt(stormy, fleet)
        #expect(end.number == 6)
        #expect(end.update.contentDigest == calmEnd.update.contentDigest)
        #expect(end.update.chainDigest == calmEnd.update.chainDigest)
        try await fleet.expectHonoured()
        try await expectWatched(calm, fleet)
        try await expectPulled(calm, calmEnd, fleet)
        await coordinator.drain()
        try fleet.remove()
    }

    /// Losses, cosines and gates of every version.
    private func expectWatched(_ run: Run, _ fleet: Fleet) async throws {
        for version in 1...6 {
            let rows = try await fleet.database.query(
                "SELECT name FROM stillhouse.metric WHERE run_id = \(run.id) AND number = \(version)",
                retry: .idempotent
            )
            var names: Set<String> = []
            for row in rows { names.insert(try row.decode("name")) }
            let wanted: Set<String> = [
                "loss", "terms.segmentation", "terms.classification", "terms.gate_present", "terms.gate_absent",
                "terms.logit_scale", "terms.gate_temperature", "orthogonality", "context_cosine_mean",
                "context_cosine_maximum", "gradient_norm",
            ]
            #expect(wanted.subtracting(names) == [], "version \(version)")
        }
    }

    /// What `weights pull` writes is what the last version has, with the digest of the encoder.
    private func expectPulled(_ run: Run, _ end: Version, _ fleet: Fleet) async throws {
        let recipe = try Recipe(json: run.recipe)
        let plan = try TrainingPlan(recipe, model: ModelConfiguration(json: Array(run.model.utf8)))
        #expect(plan.payloadCount * 4 < 1 << 20)
        for (role, chunk) in [("student", ChunkRole.student), ("teacher", .teacher)] {
            let file = fleet.file("\(role).safetensors")
            let pull = try fleet.start(["weights", "pull", run.name, "--role", role, "--output", file])
            #expect(await pull.exitStatus() == 0, "\(pull.text)")
            let prompts = try SegmentationPrompts(Checkpoint.read(file), source: file)
            var traffic = WeightReader.Traffic()
            let flat = try await WeightReader(WeightStore(fleet.database))
                .read(chunk, of: end.id, count: plan.student.count, traffic: &traffic)
            #expect(prompts.contexts + [prompts.logScale, prompts.logGateTemperature] == flat)
            #expect(prompts.count == 3 && prompts.length == 4 && prompts.width == 32)
            #expect(prompts.facts.origin["run"] == run.name && prompts.facts.origin["step"] == "6")
            guard case .mvpSeg(let configuration) = recipe.objective else { return }
            let encoder = try #require(configuration.encoder)
            try prompts.check(encoder: encoder)
            #expect(pull.text.contains("\(encoder)"))
        }
        let mixed = try fleet.start(
            ["weights", "pull", run.name, "--mix", "0.5", "--output", fleet.file("mixed.safetensors")]
        )
        #expect(await mixed.exitStatus() == 64, "\(mixed.text)")
    }

    @Test("a run for another encoder than the weights at hand is not created")
    func otherEncoder() async throws {
        let fleet = try await Fleet()
        let wrong = String(repeating: "ab", count: 32)
        let all = Self.settings + ["data.root=\(fleet.samples)/desk/train", "objective.encoder=\(wrong)"]
        let creation = try fleet.start(
            ["run", "create", "other", "--recipe", "mvpseg-desk"] + all.flatMap { ["--set", $0] }
        )
        #expect(await creation.exitStatus() != 0)
        #expect(creation.text.contains(wrong) && creation.text.contains("objective.encoder"), "\(creation.text)")
        try fleet.remove()
    }

    @Test("a fork goes on with the prompts and the encoder of its version, and cannot lose the latter")
    func fork() async throws {
        let fleet = try await Fleet()
        let root = try await create("root", fleet)
        let refused = try fleet.start(["run", "fork", "lost", "--from", "root", "--set", "objective.encoder=null"])
        #expect(await refused.exitStatus() == 64, "\(refused.text)")
        #expect(refused.text.contains("encoder"), "\(refused.text)")
        let child = try await fleet.fork("child", from: "root@0", ["schedule.updates=2"])
        #expect(try Recipe(json: child.recipe).encoder == Recipe(json: root.recipe).encoder)
        for run in [root, child] {
            let file = fleet.file("\(run.name).safetensors")
            let pull = try fleet.start(["weights", "pull", run.name, "--json", "--output", file])
            #expect(await pull.exitStatus() == 0, "\(pull.text)")
        }
        let (first, second) = (
            try Checkpoint.read(fleet.file("root.safetensors")), try Checkpoint.read(fleet.file("child.safetensors"))
        )
        #expect(first.tensors == second.tensors)
        #expect(first.metadata["encoder_sha256"] == second.metadata["encoder_sha256"])
        try fleet.remove()
    }
}
