import Checkpoints
import Datasets
import Evaluators
import Images
import Layers
import Models
import Objectives
import Recipes
import TestSupport
import Tensors
import Testing

@Suite("The evaluation of a version by labelled pixels")
struct VersionSegmentationTests {
    private func metrics(
        _ set: Recipe.EvaluationSet,
        of step: TrainingStep,
        at version: VersionWeights,
        threads: Int = 1
    ) async throws -> [String: Double] {
        try await VersionEvaluator(step, on: CPUBackend(threadCount: threads)).metrics(of: set, at: version)
    }

    /// The fixture's own pictures: tiger, dining table or desk, cat (unseen), potted plant.
    private func pixels(_ folder: TemporaryDirectory) -> Recipe.EvaluationSet {
        .init(
            name: "pixels",
            kind: .segmentation,
            root: folder.path,
            segmentation: .init(layout: .folders, classes: folder("classes.txt"))
        )
    }

    private func scenes(_ folder: TemporaryDirectory, count: Int = 7, seed: UInt64 = 1) throws -> Recipe.EvaluationSet {
        let colors: [String: [UInt8]] = ["bus": [200, 30, 30], "cup": [30, 200, 30], "ice_cream": [30, 30, 200]]
        for (noun, color) in colors {
            let pixels = (0..<400).flatMap { index -> [UInt8] in
                let isInside = (2..<18).contains(index % 20) && (40..<360).contains(index)
                return color + [isInside ? 255 : 0]
            }
            let drawing = try PNGEncoder().encode(straight: pixels, width: 20, height: 20)
            try folder.write(drawing, to: "cut/sprites/\(noun)/noto-1.png")
        }
        return .init(name: "scenes", kind: .segmentation, root: folder("cut"), count: count, seed: seed, size: 32)
    }

    /// What a segmenter made by hand finds.
    private func expected(
        _ fixture: MVPSEGFixture,
        _ flat: [Float],
        _ list: ClassList
    ) async throws -> SegmentationEvaluation {
        let objective = try #require(fixture.plan.objective as? MVPSEG)
        let tree = try fixture.plan.tree(student: flat, over: fixture.base, on: fixture.backend)
        let scope = ParameterScope(TreeSource(tree))
        let prompts = SegmentationPrompts(
            contexts: Array(flat.dropLast(2)),
            count: 3,
            length: 3,
            width: 8,
            logScale: flat[flat.count - 2],
            logGateTemperature: flat[flat.count - 1],
            facts: .init(
                isGated: objective.configuration.isGated,
                gateSharpness: 10,
                readout: "value-residual",
                encoder: Digest(of: [1]),
                tokenizer: CLIPTokenizer.digest,
                classList: ""
            )
        )
        let scorer = try ClassScorer(
            list,
            prompts: prompts,
            tower: TextTransformer(scope, objective.text),
            on: fixture.backend
        )
        let segmenter = try SemanticSegmenter(
            VisionTransformer(scope, objective.vision),
            scorer: scorer,
            on: fixture.backend
        )
        let found = try await SegmentationEvaluator(segmenter, classCount: list.count).evaluate(fixture.dataset)
        return SegmentationEvaluation(found.matrix, classes: list, images: found.images)
    }

    @Test(
        "a run of prompts is measured by its version's prompts, gated as trained, and by their average beside them",
        arguments: [true, false]
    )
    func prompts(isGated: Bool) async throws {
        let fixture = try await MVPSEGFixture(
            "objective.gate=\(isGated)",
            "evaluation.every=1",
            "evaluation.teacher=true",
            "evaluation.sets=[{name: p, kind: segmentation, root: a, count: 1, size: 8}]"
        )
        let step = try fixture.step()
        let noise = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        let student = fixture.start.enumerated().map { $1 + 0.5 * Float(noise.normal(at: $0)) }
        let version = try step.weights(student, teacher: fixture.start)
        let found = try await metrics(pixels(fixture.folder), of: step, at: version)
        let names = [
            "images", "mean_iou", "mean_iou_present", "pixel_accuracy", "seen_iou", "unseen_iou", "harmonic_iou",
        ]
        #expect(Set(found.keys) == Set(names + names.map { "teacher.\($0)" }))
        let list = try #require(fixture.plan.objective as? MVPSEG).classes
        #expect(list.unseen == [2])
        for (prefix, flat) in [("", student), ("teacher.", fixture.start)] {
            let wanted = try await expected(fixture, flat, list)
            #expect(found[prefix + "mean_iou"] == wanted.meanIoU && found[prefix + "images"] == 9)
            #expect(found[prefix + "mean_iou_present"] == wanted.presentIoU)
            #expect(found[prefix + "pixel_accuracy"] == wanted.pixelAccuracy)
            #expect(found[prefix + "seen_iou"] == wanted.seenIoU && found[prefix + "unseen_iou"] == wanted.unseenIoU)
            #expect(found[prefix + "harmonic_iou"] == wanted.harmonicIoU)
        }
        #expect(found["pixel_accuracy"] != found["teacher.pixel_accuracy"], "other prompts")
        #expect(try await metrics(pixels(fixture.folder), of: step, at: version, threads: 3) == found)
    }

    @Test("a dense student is measured by its decoder and the vectors it trains with, one a class of the run")
    func student() async throws {
        let pictures = try await MVPSEGFixture()
        let fixture = try await MVPSEGPlusFixture(over: pictures)
        let step = try fixture.step()
        let flat = fixture.student
        let found = try await metrics(pixels(pictures.folder), of: step, at: step.weights(flat))

        let tree = try fixture.plan.tree(student: flat, over: fixture.base, on: fixture.backend)
        let objective = try #require(fixture.plan.objective as? MVPSEGPlus)
        let list = objective.classes
        let vectors = try tree.tensor(MVPSEGPlus.ClassVectors.segmentationPath).floats
        let decoder = try DenseDecoder(ParameterScope(TreeSource(tree)), objective.decoder)
        let segmenter = try SemanticSegmenter(
            VisionTransformer(ParameterScope(TreeSource(tree)), objective.vision),
            decoder: decoder,
            scorer: ClassScorer(vectors: vectors, count: list.count, scale: 1),
            on: fixture.backend
        )
        let result = try await SegmentationEvaluator(segmenter, classCount: list.count).evaluate(fixture.dataset)
        let wanted = SegmentationEvaluation(result.matrix, classes: list, images: result.images)
        #expect(found["mean_iou"] == wanted.meanIoU && found["pixel_accuracy"] == wanted.pixelAccuracy)
        #expect(found["seen_iou"] == wanted.seenIoU && found["unseen_iou"] == wanted.unseenIoU)
        let begun = try await metrics(pixels(pictures.folder), of: step, at: step.weights(fixture.start))
        #expect(begun != found, "the decoder takes part")

        // The nouns of these scenes are no classes of the run.
        do {
            _ = try await metrics(scenes(pictures.folder), of: step, at: step.weights(flat))
            Issue.record("classes without a vector were measured")
        } catch {
            #expect("\(error)".contains("ice cream"), "\(error)")
        }
    }

    @Test("classes that the run has no labels of are unseen; a set may say otherwise")
    func unseen() async throws {
        let fixture = try await MVPSEGFixture()
        let step = try fixture.step()
        let version = try fixture.weights(step)
        // None of the nouns is a class of the run, so there is no mean over seen ones.
        var set = try scenes(fixture.folder)
        let strange = try await metrics(set, of: step, at: version)
        #expect(Set(strange.keys) == ["images", "mean_iou", "mean_iou_present", "pixel_accuracy", "unseen_iou"])
        #expect(strange["unseen_iou"] == strange["mean_iou"] && strange["images"] == 7)
        set.unseen = []
        let plain = try await metrics(set, of: step, at: version)
        #expect(plain == strange.filter { $0.key != "unseen_iou" })
        set.unseen = ["Ice_Cream"]
        let split = try await metrics(set, of: step, at: version)
        #expect(Set(split.keys).isSuperset(of: ["seen_iou", "unseen_iou", "harmonic_iou"]))
        set.unseen = ["wolf"]
        await #expect(throws: DatasetError.self) { try await metrics(set, of: step, at: version) }
    }

    @Test("composed pictures give the same numbers again and on other threads, others with another seed")
    func composed() async throws {
        let fixture = try await SILCFixture(.softmax)
        let step = try fixture.step()
        let version = try fixture.weights(step)
        let set = try scenes(fixture.folder)
        let found = try await metrics(set, of: step, at: version)
        #expect(Set(found.keys) == ["images", "mean_iou", "mean_iou_present", "pixel_accuracy"])
        #expect(found["images"] == 7)
        #expect(try await metrics(set, of: step, at: version) == found)
        #expect(try await metrics(set, of: step, at: version, threads: 3) == found)
        var values: Set<Double?> = []
        for seed in 2..<6 {
            values.insert(
                try await metrics(scenes(fixture.folder, seed: UInt64(seed)), of: step, at: version)["mean_iou"]
            )
        }
        #expect(values.count > 1)
        var other = set
        other.readout = "kk"
        #expect(try await metrics(other, of: step, at: version) != found)
        other = set
        (other.sizeRule, other.window, other.stride) = ("short:48", 24, 8)
        #expect(try await metrics(other, of: step, at: version) != found)
    }

    @Test("a run without a text tower is measured by embeddings of the names, each of which must be there")
    func embeddings() async throws {
        let folder = try TemporaryDirectory()
        let names = ["bus", "cup", "ice cream"]
        let vectors = (0..<3 * 32).map { Float(RandomGenerator(run: 2, epoch: 0, sample: 0, view: 0).normal(at: $0)) }
        try ClassEmbeddings(names: names, vectors: vectors).checkpoint().write(to: folder("names.safetensors"))
        try ClassEmbeddings(names: ["bus", "cup", "tea"], vectors: vectors).checkpoint()
            .write(to: folder("others.safetensors"))
        let set = try scenes(folder)
        func step(_ file: String) async throws -> (TrainingStep, TrainingFixture) {
            let fixture = try await TrainingFixture(
                "evaluation.every=1",
                "evaluation.class_embeddings=\(folder(file))",
                "evaluation.sets=[{name: p, kind: segmentation, root: a, count: 1, size: 8}]"
            )
            return (try fixture.step(), fixture)
        }
        let (known, fixture) = try await step("names.safetensors")
        let found = try await metrics(set, of: known, at: known.weights(fixture.student))
        #expect(Set(found.keys) == ["images", "mean_iou", "mean_iou_present", "pixel_accuracy"])
        let (unknown, other) = try await step("others.safetensors")
        do {
            _ = try await metrics(set, of: unknown, at: unknown.weights(other.student))
            Issue.record("a class without an embedding was measured")
        } catch {
            #expect("\(error)".contains("ice cream"), "\(error)")
        }
    }

    @Test("prompts that are no numbers have no metrics, and pictures that cannot be used say why")
    func failures() async throws {
        let fixture = try await MVPSEGFixture()
        let step = try fixture.step()
        let broken = try step.weights(
            [Float](repeating: .nan, count: fixture.start.count),
            teacher: fixture.start
        )
        do {
            _ = try await metrics(pixels(fixture.folder), of: step, at: broken)
            Issue.record("prompts that are no numbers were measured")
        } catch let error as TrainingError {
            #expect(error == .metricNotFinite(set: "pixels", metric: "mean_iou"))
        }
        var gone = pixels(fixture.folder)
        gone.segmentation?.labels = "nowhere"
        do {
            _ = try await metrics(gone, of: step, at: fixture.weights(step))
            Issue.record("pictures without labels were measured")
        } catch {
            #expect("\(error)".contains("nowhere"), "\(error)")
        }
    }
}
