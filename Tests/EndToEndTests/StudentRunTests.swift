import Checkpoints
import Datasets
import Foundation
import Layers
import Models
import Objectives
import OrderedCollections
import Postgres
import Recipes
import Stores
import Tensors
import TestSupport
import Testing
import Transfers

/// A dense student of a run of prompts, on the committed scenes: from the parent to a picture.
@Suite(.temporaryDatabase(.migrated), .serialized) struct StudentRunTests {
    private static let common = [
        "model=stillhouse-tiny", "objective.view_size=32", "data.scenes.size=40",
        "schedule.warmup_updates=1", "aggregation.images_per_job=2", "aggregation.jobs_per_step=3",
        "objective.unseen=[cat, dog, cow]",
    ]
    private static let updates = 6

    /// Both towers of the tiny model, drawn.
    private static func writeEncoder(seed: UInt64, to path: String, _ model: ModelConfiguration) throws {
        let source = RecordingSource(InitializingSource(seed: seed, on: CPUBackend(threadCount: 2)))
        _ = try VisionTransformer(ParameterScope(source), model.vision)
        _ = try TextTransformer(ParameterScope(source), model.textTower())
        try source.tree.checkpoint.write(to: path)
    }

    private static func model() throws -> ModelConfiguration {
        try RecipeLoader().load("mvpseg-desk", settings: ["model=stillhouse-tiny"]).loadModel()
    }

    private func settings(_ fleet: Fleet, _ more: [String]) -> [String] {
        let all = Self.common + ["data.root=\(fleet.samples)/desk/train"] + more
        return all.flatMap { ["--set", $0] }
    }

    private func create(_ name: String, _ recipe: String, _ fleet: Fleet, _ more: [String]) async throws -> Run {
        let creation = try fleet.start(["run", "create", name, "--recipe", recipe] + settings(fleet, more))
        #expect(await creation.exitStatus() == 0, "\(creation.text)")
        return try await RunStore(fleet.database).run(named: name)
    }

    private func createStudent(_ name: String, _ fleet: Fleet, _ more: [String] = []) async throws -> Run {
        let own = [
            "start.weights=\(fleet.file("encoder.safetensors"))", "objective.parent=prompts",
            "objective.decoder_width=8", "objective.student_batch=2", "objective.guided_fraction=0.5",
            "schedule.updates=\(Self.updates)",
        ]
        return try await create(name, "mvpseg-plus-desk", fleet, own + more)
    }

    private func createPrompts(_ fleet: Fleet) async throws -> Run {
        let encoder = fleet.file("encoder.safetensors")
        try Self.writeEncoder(seed: 3, to: encoder, Self.model())
        return try await create(
            "prompts",
            "mvpseg-desk",
            fleet,
            ["start.weights=\(encoder)", "objective.class_batch=32", "schedule.updates=2"]
        )
    }

    @Test("prompts, then a student by one worker, and by three with a kill: equal bits, and pictures from file and run")
    func fromParentToPicture() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let prompts = try await createPrompts(fleet)
        _ = try await fleet.finish(prompts, [try fleet.worker(prompts, threads: 2)])

        let calm = try await createStudent("calm", fleet, ["objective.unfreeze_blocks=1"])
        let calmEnd = try await fleet.finish(calm, [try fleet.worker(calm, threads: 2)])
        let stormy = try await createStudent("stormy", fleet, ["objective.unfreeze_blocks=1"])
        let killed = try fleet.worker(stormy, fault: "worker.computed")
        try await eventually("a worker is stopped with a gradient in hand") { killed.isStopped }
        killed.signal(SIGKILL)
        #expect(await killed.exitStatus() == -SIGKILL)
        let end = try await fleet.finish(stormy, [try fleet.worker(stormy), try fleet.worker(stormy)])
        #expect(end.number == Self.updates && end.update.contentDigest == calmEnd.update.contentDigest)
        #expect(end.update.chainDigest == calmEnd.update.chainDigest)
        try await fleet.expectHonoured()

        try await expectPhases(calm, fleet)
        try await expectShown(calm, fleet)
        try await expectUsed(calm, fleet)
        await coordinator.drain()
        try fleet.remove()
    }

    /// Half of the updates are guided, whoever computed them.
    private func expectPhases(_ run: Run, _ fleet: Fleet) async throws {
        let rows = try await fleet.database.query(
            """
            SELECT number, value FROM stillhouse.metric WHERE run_id = \(run.id) AND name = 'terms.guided'
            ORDER BY number
            """,
            retry: .idempotent
        )
        var guided: [Double] = []
        for row in rows { guided.append(try row.decode("value")) }
        #expect(guided == [1, 1, 1, 0, 0, 0])
    }

    /// The run stands alone and says where its prompts come from.
    private func expectShown(_ run: Run, _ fleet: Fleet) async throws {
        let recipe = try Recipe(json: run.recipe)
        let parent = try await RunStore(fleet.database).run(named: "prompts")
        guard case .mvpSegPlus(let objective) = recipe.objective else {
            Issue.record("another objective")
            return
        }
        #expect(objective.parent == "prompts@2")
        #expect(try recipe.encoder == Recipe(json: parent.recipe).encoder && recipe.encoder != nil)
        #expect(try objective.classList().unseen.count == 3)
        let show = try fleet.start(["run", "show", run.name])
        #expect(await show.exitStatus() == 0, "\(show.text)")
        #expect(show.text.contains("prompts of prompts@2, content \(objective.promptsDigest?.description ?? "-")"))
    }

    /// The pulled file goes with the encoder's file; both give what the run gives.
    private func expectUsed(_ run: Run, _ fleet: Fleet) async throws {
        let (file, alone) = (fleet.file("student.safetensors"), fleet.file("prompts.safetensors"))
        for (name, path) in [(run.name, file), ("prompts", alone)] {
            let pull = try fleet.start(["weights", "pull", name, "--output", path])
            #expect(await pull.exitStatus() == 0, "\(pull.text)")
        }
        let student = try DenseStudent(Checkpoint.read(file), source: file)
        let parent = try SegmentationPrompts(Checkpoint.read(alone), source: alone)
        #expect(student.prompts.contexts == parent.contexts && student.prompts.logScale == parent.logScale)
        #expect(student.prompts.facts.encoder == parent.facts.encoder)
        #expect(!student.tower.isEmpty && student.tower.keys.allSatisfy { $0.hasPrefix("visual.transformer.") })
        let expansion = try #require(student.decoder["decoder.expansion.weight"]).floats()
        #expect(expansion.contains { $0 != 0 }, "it has trained")

        let weights = ["--weights", fleet.file("encoder.safetensors"), "--model", "stillhouse-tiny"]
        let ways = [
            "file": weights + ["--prompts", file], "run": ["--run", run.name],
            "prompts": weights + ["--prompts", alone],
        ]
        var labels: [String: Data] = [:]
        for (way, options) in ways {
            let picture = "\(fleet.samples)/training/0001.jpg"
            let arguments = ["segment", picture, "--classes", "cat, dog, grass, red ball", "-o", fleet.file(way)]
            let segment = try fleet.start(arguments + options)
            #expect(await segment.exitStatus() == 0, "\(segment.text)")
            labels[way] = try Data(contentsOf: URL(filePath: fleet.file("\(way)/0001-labels.png")))
            let note = try String(contentsOfFile: fleet.file("\(way)/0001-labels.json"), encoding: .utf8)
            #expect(note.contains("dense student of run \(run.name), version 6") == (way != "prompts"), "\(note)")
        }
        #expect(labels["file"] == labels["run"] && labels["file"] != nil)
        try await expectEvaluated([weights + ["--prompts", file], ["--run", run.name]], fleet)
    }

    private func expectEvaluated(_ ways: [[String]], _ fleet: Fleet) async throws {
        let compose = try fleet.start([
            "dataset", "compose", "--root", "\(fleet.samples)/desk/train", "--count", "4", "--size", "40",
            "-o", fleet.file("scenes"),
        ])
        #expect(await compose.exitStatus() == 0, "\(compose.text)")
        var tables: Set<String> = []
        for options in ways {
            let evaluation = try fleet.start(
                [
                    "evaluate", "segmentation", "--images", fleet.file("scenes"), "--layout", "folders", "--labels",
                    "masks", "--classes", fleet.file("scenes/classes.txt"),
                ] + options
            )
            #expect(await evaluation.exitStatus() == 0, "\(evaluation.text)")
            #expect(evaluation.text.contains("dense student of run"))
            tables.insert(evaluation.text.split(separator: "\n").filter { $0.contains("mIoU") }.joined())
        }
        #expect(tables.count == 1 && tables.first?.isEmpty == false)
    }

    @Test("a student's average is published and measured beside it; one without is asked for its average in vain")
    func average() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        _ = try await createPrompts(fleet)
        let settings = [
            "objective.self_teacher=average", "objective.guided_fraction=0", "schedule.updates=3",
            "objective.learned_class=apple", "evaluation.every=3", "evaluation.teacher=true",
            "evaluation.sets=[{name: scenes, kind: segmentation, count: 3, seed: 5}]",
        ]
        let run = try await createStudent("averaged", fleet, settings)
        _ = try await fleet.finish(run, [try fleet.worker(run, threads: 2)])
        let measured = try await EvaluationStore(fleet.database).metrics(of: run.id)
        for name in ["mean_iou", "teacher.mean_iou"] {
            let found = measured.first { $0.number == 3 && $0.name == "evaluation.scenes.\(name)" }
            #expect(try #require(found).value >= 0, "\(name)")
        }
        var students: [DenseStudent] = []
        for role in ["student", "teacher"] {
            let path = fleet.file("\(role).safetensors")
            let pull = try fleet.start(["weights", "pull", run.name, "--role", role, "--output", path])
            #expect(await pull.exitStatus() == 0, "\(pull.text)")
            students.append(try DenseStudent(Checkpoint.read(path), source: path))
        }
        #expect(students[0].decoder != students[1].decoder)
        #expect(students.map(\.learnedClass) == ["apple", "apple"])
        let vectors = students.map { $0.decoder[DenseDecoder.learnedVectorPath] }
        #expect(vectors[0] != nil && vectors[0] != vectors[1], "it trains")
        #expect(students[0].prompts.contexts == students[1].prompts.contexts)
        _ = try await createStudent("plain", fleet)
        let pull = try fleet.start(["weights", "pull", "plain", "--role", "teacher", "-o", fleet.file("x.safetensors")])
        #expect(await pull.exitStatus() == 64, "\(pull.text)")
        #expect(pull.text.contains("no average"), "\(pull.text)")
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a run that cannot stand on its parent is not created, and is told why")
    func refusals() async throws {
        let fleet = try await Fleet()
        _ = try await createPrompts(fleet)
        try Self.writeEncoder(seed: 4, to: fleet.file("other.safetensors"), Self.model())
        let plain = try await fleet.createRun("plain")
        let encoder = "start.weights=\(fleet.file("encoder.safetensors"))"
        for (changes, words) in [
            ([encoder, "objective.parent=nobody"], ["nobody"]),
            ([encoder, "objective.parent=prompts@7"], ["prompts", "7"]),
            ([encoder, "objective.parent=prompts@x"], ["NAME@VERSION"]),
            ([encoder, "objective.parent=\(plain.name)"], ["trains no prompts", "objective.parent"]),
            (["start.weights=\(fleet.file("other.safetensors"))", "objective.parent=prompts"], ["digest", "start"]),
            ([encoder, "objective.parent=null", "objective.prompts=\(fleet.file("encoder.safetensors"))"], ["form 1"]),
            ([encoder, "objective.parent=null"], ["objective.parent"]),
        ] {
            let creation = try fleet.start(
                ["run", "create", "refused", "--recipe", "mvpseg-plus-desk"] + settings(fleet, changes)
            )
            #expect(![0, nil].contains(await creation.exitStatus()))
            for word in words { #expect(creation.text.contains(word), "\(changes): \(creation.text)") }
        }
        try fleet.remove()
    }

    @Test("a file of prompts serves as well as a run, a drawn encoder as a file, and a fork keeps what it began with")
    func fromFile() async throws {
        let fleet = try await Fleet()
        _ = try await createPrompts(fleet)
        let file = fleet.file("prompts.safetensors")
        let pull = try fleet.start(["weights", "pull", "prompts", "--output", file])
        #expect(await pull.exitStatus() == 0, "\(pull.text)")
        let byRun = try await createStudent("by-run", fleet)
        let byFile = try await createStudent("by-file", fleet, ["objective.parent=null", "objective.prompts=\(file)"])
        let weights = WeightStore(fleet.database)
        for role in [ChunkRole.student, .frozen, .carried] {
            let starts = [
                try #require(try await weights.head(of: byRun.id)), try #require(try await weights.head(of: byFile.id)),
            ]
            #expect(try await fleet.digests(role, of: starts[0]) == fleet.digests(role, of: starts[1]), "\(role)")
        }
        let seed = ["start.weights=null", "start.initialize=3"]
        _ = try await createStudent("drawn", fleet, seed)
        for run in ["by-run", "drawn"] {
            let path = fleet.file("\(run).safetensors")
            let pull = try fleet.start(["weights", "pull", run, "--output", path])
            #expect(await pull.exitStatus() == 0, "\(pull.text)")
            let student = try DenseStudent(Checkpoint.read(path), source: path)
            let begun = try SegmentationPrompts(Checkpoint.read(file), source: file)
            #expect(student.prompts.contexts == begun.contexts && student.tower.isEmpty, "\(run)")
            #expect(student.prompts.facts.origin["parent"] == "prompts@0")
        }
        let refused = try fleet.start(["run", "fork", "lost", "--from", "by-run", "--set", "objective.unseen=[owl]"])
        #expect(await refused.exitStatus() == 64, "\(refused.text)")
        #expect(refused.text.contains("objective.unseen"), "\(refused.text)")
        _ = try await fleet.fork("child", from: "by-run@0", ["schedule.updates=2"])
        try fleet.remove()
    }
}
