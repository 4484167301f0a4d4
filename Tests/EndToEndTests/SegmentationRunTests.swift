import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// Versions in a database, measured by labelled pixels: by workers in the course of a run, and by commands beside it.
@Suite(.temporaryDatabase(.migrated), .serialized) struct SegmentationRunTests {
    private static let promptSettings = [
        "model=stillhouse-tiny", "start.weights=null", "start.initialize=3", "objective.view_size=32",
        "objective.unseen=[cat, dog, cow]", "objective.class_batch=32", "data.scenes.size=40",
        "schedule.updates=6", "schedule.learning_rate=0.1", "schedule.warmup_updates=1",
        "aggregation.images_per_job=2", "aggregation.jobs_per_step=3",
    ]

    private struct Labels {
        let root: String
        let classes: String

        /// As an entry of `evaluation.sets`.
        var set: String {
            "{name: files, kind: segmentation, root: \(root), "
                + "segmentation: {layout: folders, labels: masks, classes: \(classes)}}"
        }

        var arguments: [String] {
            ["--images", root, "--layout", "folders", "--labels", "masks", "--classes", classes]
        }
    }

    private struct Measured: Decodable {
        struct Weights: Decodable {
            let run: String
            let version: Int
            let role: String
        }

        struct Made: Decodable {
            let texts: String
            let readout: String
        }

        let weights: Weights
        let made: Made
        let images: Int
        let meanIou: Double?
        let meanIouPresent: Double?
        let pixelAccuracy: Double?
        let seenIou: Double?
        let unseenIou: Double?
        let harmonicIou: Double?

        /// By the names of a version's metrics; what is undefined is absent.
        var metrics: [String: Double] {
            var metrics = ["images": Double(images)]
            (metrics["mean_iou"], metrics["mean_iou_present"]) = (meanIou, meanIouPresent)
            (metrics["pixel_accuracy"], metrics["seen_iou"]) = (pixelAccuracy, seenIou)
            (metrics["unseen_iou"], metrics["harmonic_iou"]) = (unseenIou, harmonicIou)
            return metrics
        }
    }

    private func run(_ fleet: Fleet, _ arguments: [String]) async throws -> String {
        let process = try fleet.start(arguments)
        #expect(await process.exitStatus() == 0, "\(arguments): \(process.text)")
        return process.text
    }

    private func measured(_ fleet: Fleet, _ run: Run, _ labels: Labels, _ more: [String]) async throws -> Measured {
        let arguments = ["evaluate", "segmentation", "--run", run.name] + labels.arguments + more + ["--json"]
        let text = try await self.run(fleet, arguments)
        let start = try #require(text.firstIndex(of: "{"), "\(text)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Measured.self, from: Data(text[start...].utf8))
    }

    /// Scenes on disk, with the classes marked that the run's prompts do not see.
    private func labels(_ fleet: Fleet) async throws -> Labels {
        let root = fleet.file("scenes")
        let compose = ["dataset", "compose", "--root", "\(fleet.samples)/desk/held-out", "--seed", "7", "-o", root]
        _ = try await run(fleet, compose + ["--count", "12", "--size", "40"])
        let names = try String(contentsOfFile: root + "/classes.txt", encoding: .utf8)
        let marked = names.split(separator: "\n").map {
            ["cat", "dog", "cow"].contains($0) ? "\($0) | unseen" : "\($0)"
        }
        let classes = fleet.file("marked.txt")
        try marked.joined(separator: "\n").write(toFile: classes, atomically: true, encoding: .utf8)
        return Labels(root: root, classes: classes)
    }

    /// The metrics of one evaluation of one version, without the names' beginning.
    private func metrics(_ all: [Metric], _ number: Int, _ prefix: String) -> [String: Double] {
        var found: [String: Double] = [:]
        for metric in all where metric.number == number && metric.name.hasPrefix("evaluation.\(prefix).") {
            found[String(metric.name.dropFirst("evaluation.\(prefix).".count))] = metric.value
        }
        return found
    }

    @Test("workers measure a run's prompts while it goes on, and commands that fetch them find the same numbers")
    func prompts() async throws {
        let fleet = try await Fleet()
        let labels = try await labels(fleet)
        let composed = "{name: composed, kind: segmentation, count: 6, seed: 5}"
        let settings =
            Self.promptSettings + [
                "data.root=\(fleet.samples)/desk/train", "evaluation.every=3", "evaluation.teacher=true",
                "evaluation.sets=[\(labels.set), \(composed)]",
            ]
        _ = try await run(
            fleet,
            ["run", "create", "prompts", "--recipe", "mvpseg-desk"] + settings.flatMap { ["--set", $0] }
        )
        let prompts = try await RunStore(fleet.database).run(named: "prompts")
        let begun = try await measured(fleet, prompts, labels, [])
        #expect(begun.weights.version == 0 && begun.made.texts == "prompts of run prompts, version 0")
        let pictures = ["--annotations", fleet.file("scenes/scenes.json"), "--images", fleet.file("scenes/images")]
        let regions = try fleet.start(["evaluate", "regions", "--run", "prompts"] + pictures)
        #expect(await regions.exitStatus() == 64 && regions.text.contains("start.weights"), "\(regions.text)")

        let coordinator = try fleet.start(["coordinator", "start"])
        let roles = [try fleet.start(["aggregator", "start", "--run", "prompts"]), try fleet.worker(prompts)]
        // Beside the training: whatever version it meets, prompts and record are of one.
        let live = try await measured(fleet, prompts, labels, [])
        #expect(live.made.texts == "prompts of run prompts, version \(live.weights.version)")
        let end = try await fleet.lastVersion(of: prompts)
        for role in roles { #expect(await role.exitStatus() == 0, "\(role.text)") }
        #expect(end.number == 6)
        try await expectEqualNumbers(fleet, prompts, labels)
        try await expectSegmented(fleet, prompts)
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    private func expectEqualNumbers(_ fleet: Fleet, _ run: Run, _ labels: Labels) async throws {
        let all = try await EvaluationStore(fleet.database).metrics(of: run.id)
        #expect(Set(all.map(\.number)) == [3, 6])
        for (role, prefix) in [("student", "files"), ("teacher", "files.teacher")] {
            let command = try await measured(fleet, run, labels, ["--version", "6", "--role", role])
            var found = metrics(all, 6, prefix)
            if role == "student" { found = found.filter { !$0.key.hasPrefix("teacher.") } }
            #expect(found == command.metrics && found["images"] == 12, "\(role)")
            #expect(found["mean_iou"] != nil && found["seen_iou"] != nil, "\(role)")
            #expect(command.weights.role == role && command.made.readout == "value-residual")
        }
        #expect(metrics(all, 6, "composed")["images"] == 6)
        #expect(metrics(all, 6, "files") != metrics(all, 3, "files"), "prompts that train")
        let status = try await self.run(fleet, ["status", run.name])
        #expect(status.contains(/files\.mean_iou +0\.\d{4} at version 6/), "\(status)")
        let show = try await self.run(fleet, ["run", "show", run.name, "--json"])
        #expect(show.contains(#""composed.teacher.pixel_accuracy""#), "\(show)")
    }

    private func expectSegmented(_ fleet: Fleet, _ run: Run) async throws {
        let (picture, output) = (fleet.samples + "/training/0001.jpg", fleet.file("segmented"))
        let command = ["segment", picture, "--run", run.name, "--classes", "lamp, table; desk", "-o", output]
        let text = try await self.run(fleet, command)
        #expect(text.contains("0001-overlay.png"), "\(text)")
        let note = try String(contentsOfFile: output + "/0001-labels.json", encoding: .utf8)
        #expect(note.contains("prompts of run prompts, version 6") && note.contains("\"gate\""), "\(note)")
        for (more, reason) in [
            (["--mix", "0.5"], "--mix is about weights of a model; run prompts has prompts"),
            (["--readout", "kk"], "trained for the read-out value-residual"),
            (["--version", "77"], "has no version 77"),
        ] {
            let process = try fleet.start(command + more)
            #expect(await process.exitStatus() == 64, "\(process.text)")
            #expect(process.text.contains(reason), "\(process.text)")
        }
    }

    @Test("a run that trains towers is measured by templates, with the same numbers from the command")
    func towers() async throws {
        let fleet = try await Fleet()
        let labels = try await labels(fleet)
        let coordinator = try fleet.start(["coordinator", "start"])
        let run = try await fleet.createPairsRun(
            "towers",
            settings: ["evaluation.every=3", "evaluation.teacher=true", "evaluation.sets=[\(labels.set)]"]
        )
        let roles = [try fleet.start(["aggregator", "start", "--run", run.name]), try fleet.worker(run)]
        _ = try await fleet.lastVersion(of: run)
        for role in roles { #expect(await role.exitStatus() == 0, "\(role.text)") }
        let all = try await EvaluationStore(fleet.database).metrics(of: run.id)
        #expect(Set(all.map(\.number)) == [3, 6])
        let templates = ["--templates", "simple"]
        let student = try await measured(fleet, run, labels, templates + ["--mix", "1"])
        #expect(student.made.texts == "templates simple")
        #expect(metrics(all, 6, "files").filter { !$0.key.hasPrefix("teacher.") } == student.metrics)
        let teacher = try await measured(fleet, run, labels, templates + ["--role", "teacher"])
        #expect(metrics(all, 6, "files.teacher") == teacher.metrics)
        let picture = fleet.samples + "/training/0001.jpg"
        let segment = ["segment", picture, "--run", run.name, "--classes", "lamp,table", "-o", fleet.file("out")]
        #expect(try await self.run(fleet, segment).contains("0001-overlay.png"))
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a run of prompts with another kind of evaluation, or with a name too long, is not created")
    func refusals() async throws {
        let fleet = try await Fleet()
        let long = (0..<40).map { "word\($0)" }.joined(separator: " ")
        let list = "segmentation: {layout: folders, classes: \"lamp\\n\(long)\"}"
        for (set, reason) in [
            ("{name: scenes, kind: scenes, count: 9}", "evaluation.sets[0].kind is scenes"),
            ("{name: long, kind: segmentation, root: a, \(list)}", "Shorten the name"),
        ] {
            let settings =
                Self.promptSettings + [
                    "data.root=\(fleet.samples)/desk/train", "evaluation.every=3", "evaluation.sets=[\(set)]",
                ]
            let creation = try fleet.start(
                ["run", "create", "bad", "--recipe", "mvpseg-desk"] + settings.flatMap { ["--set", $0] }
            )
            #expect(await creation.exitStatus() == 64, "\(creation.text)")
            #expect(creation.text.contains(reason), "\(creation.text)")
        }
        try fleet.remove()
    }
}
