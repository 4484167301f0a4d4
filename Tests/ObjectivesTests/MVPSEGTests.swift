import Datasets
import Foundation
import Images
import Layers
import Models
import Objectives
import TestSupport
import Tensors
import Testing

/// The objective on a model of two blocks a tower, with drawn pictures whose labels are drawn too.
@Suite("MVP-SEG")
struct MVPSEGTests {
    private let backend = CPUBackend(threadCount: 2)
    private static let classes = "tiger\ndining table\ncat | unseen\npotted plant\n"

    private static func model(_ context: Int = 16) throws -> ModelConfiguration {
        let json = """
            {"embed_dim": 12, "quick_gelu": true,
             "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 16, "head_width": 8, "layers": 2},
             "text_cfg": {"context_length": \(context), "vocab_size": 49408, "width": 8, "heads": 2, "layers": 2}}
            """
        return try ModelConfiguration(json: json.utf8)
    }

    private static func configuration(
        _ change: (inout MVPSEG.Configuration) -> Void = { _ in }
    ) -> MVPSEG.Configuration {
        var configuration = MVPSEG.Configuration(classes: classes, contexts: 3, viewSize: 32, cachesFeatures: false)
        change(&configuration)
        return configuration
    }

    private func objective(_ change: (inout MVPSEG.Configuration) -> Void = { _ in }) throws -> MVPSEG {
        try MVPSEG(Self.configuration(change), model: Self.model())
    }

    /// Drawn towers, and prompts as the objective starts them.
    private func weights(_ objective: MVPSEG) throws -> ParameterTree {
        let source = RecordingSource(InitializingSource(seed: 4, on: backend))
        try objective.readParameters(ParameterScope(source))
        var tree = source.tree
        for (index, parameter) in try objective.parameters().enumerated() where !objective.isAuxiliary(parameter.path) {
            let noise = Tensor.random(parameter.shape, seed: 31, stream: UInt64(index), on: backend)
            tree[parameter.path] = noise.scaled(by: 0.3)
        }
        return tree
    }

    private func sample(_ index: Int, labels: LabelMap?, width: Int = 40, height: Int = 48) -> LoadedSample {
        let noise = RandomGenerator(run: 3, epoch: 0, sample: UInt64(index), view: 0)
        let coarse = Image(width: 4, height: 3, pixels: (0..<36).map { UInt8(noise.integer(below: 256, at: $0)) })
        let sample = Sample(id: Int64(index), key: "\(index).png", width: width, height: height)
        return LoadedSample(sample: sample, image: coarse.resized(width: width, height: height), labels: labels)
    }

    /// Bands of all classes, and some without.
    private func labels(_ index: Int, width: Int = 40, height: Int = 48) -> LabelMap {
        let values: [UInt8] = [0, 1, 2, 3, 255]
        let pixels = (0..<width * height).map { values[($0 / (width * 9) + index) % 5] }
        return LabelMap(width: width, height: height, values: pixels)
    }

    private func views(_ objective: MVPSEG, _ count: Int) -> [MVPSEG.Views] {
        (0..<count).map { index in
            objective.views(
                of: sample(index, labels: labels(index)),
                seed: SampleSeed(run: 1, epoch: 0, sample: Int64(index))
            )
        }
    }

    private func gradient(
        _ objective: MVPSEG,
        _ views: [MVPSEG.Views],
        _ tree: ParameterTree
    ) throws -> (gradient: [Float], loss: ObjectiveLoss) {
        let layout = try objective.trainableLayout()
        let differentiation = try ValueAndGradient(tree, trains: layout)
        let loss = try objective.loss(of: views, student: differentiation.parameters, teacher: tree, on: backend)
        var gradient = [Float](repeating: 0, count: layout.count)
        if let total = loss.total { _ = try differentiation(addingTo: &gradient) { total } }
        return (gradient, loss)
    }

    // MARK: What trains

    @Test("the prompts and two temperatures train, nothing else, and they are no part of the model")
    func parameters() throws {
        let objective = try objective()
        let layout = try objective.trainableLayout()
        #expect(layout.paths == ["prompts.contexts", "prompts.log_scale", "prompts.log_gate_temperature"])
        #expect(layout.count == 4 * 3 * 8 + 2)
        let all = try objective.parameters()
        var model = try VisionTransformer.parameters(of: objective.vision)
        model += try TextTransformer.parameters(of: objective.text)
        #expect(all.filter { !objective.isAuxiliary($0.path) } == model)
        #expect(objective.teacherPolicy == .movingAverage && objective.targetSource == .frozenPart)
        let average = try #require(objective.teacherMomentum)
        #expect(abs(average.ofFullUpdate(samples: 64, updates: 1000) - 0.99 * 0.99) < 1e-12)
    }

    @Test("a job's gradient for CLIP B/16, three prompts and sixteen contexts has 131,080 bytes, far below a megabyte")
    func payload() throws {
        let json = """
            {"embed_dim": 512, "vision_cfg": {"image_size": 224, "patch_size": 16, "width": 768, "layers": 12},
             "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}}
            """
        let objective = try MVPSEG(
            MVPSEG.Configuration(classes: Self.classes),
            model: ModelConfiguration(json: json.utf8)
        )
        #expect(try (objective.trainableLayout().count + objective.statisticCount) * 4 == 131_080)
    }

    @Test("random prompts differ from each other; prompts from words begin alike but for a little, and stay apart")
    func start() throws {
        let random = try weights(objective()).tensor("prompts.contexts").floats
        #expect(Set(random).count == random.count)
        let spread = (random.reduce(0) { $0 + $1 * $1 } / Float(random.count)).squareRoot()
        #expect(abs(spread - 0.02) < 0.005)

        let objective = try objective { ($0.contexts, $0.initialWords) = (4, "a photo of a") }
        let source = RecordingSource(InitializingSource(seed: 4, on: backend))
        try objective.readParameters(ParameterScope(source))
        let tokens = CLIPTokenizer().encode("a photo of a")
        let words = try source.tree.tensor("token_embedding.weight").gatheredRows(tokens).floats
        let contexts = try source.tree.tensor("prompts.contexts").floats
        let prompts = (0..<4).map { Array(contexts[$0 * words.count..<($0 + 1) * words.count]) }
        #expect(prompts[0] == words && prompts[1] == words)
        for prompt in prompts[2...] {
            let distance = zip(prompt, words).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(words.count)
            #expect(distance > 0 && distance.squareRoot() < 0.04)
        }
        #expect(prompts[2] != prompts[3])
        #expect(try abs(source.tree.tensor("prompts.log_scale").scalar - Float(log(100.0 / 3))) < 1e-6)
        #expect(try abs(source.tree.tensor("prompts.log_gate_temperature").scalar - Float(log(0.1))) < 1e-6)
    }

    @Test("temperatures are brought back to their bounds")
    func bounds() throws {
        let bounds = try objective { $0.prompts = 2 }.parameterBounds
        #expect(bounds.map(\.path) == ["prompts.log_scale", "prompts.log_gate_temperature"])
        #expect(bounds[0].range == Float(log(5.0))...Float(log(150.0)))
        #expect(bounds[1].range == Float(log(0.02))...0)
    }

    // MARK: Gradients

    @Test("one shard or four: equal gradients within 2e-6, equal counts")
    func shards() throws {
        let objective = try objective()
        let (tree, views) = (try weights(objective), views(objective, 8))
        let (whole, loss) = try gradient(objective, views, tree)
        var sum = [Float](repeating: 0, count: whole.count)
        var units = 0
        for start in stride(from: 0, to: 8, by: 2) {
            let (part, partLoss) = try gradient(objective, Array(views[start..<start + 2]), tree)
            for index in sum.indices { sum[index] += part[index] }
            units += partLoss.units
        }
        #expect(loss.units == 8 && units == 8)
        let distance = zip(sum, whole).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }.squareRoot()
        let length = whole.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
        print("one shard and four differ by \(distance / length)")
        #expect(distance < 2e-6 * length && length > 0)
        #expect(try gradient(objective, views, tree).gradient == whole)
    }

    @Test(
        "the gradient of everything that trains is that of finite differences",
        arguments: MVPSEG.LabelResolution.allCases
    )
    func differences(labels: MVPSEG.LabelResolution) throws {
        let objective = try objective { ($0.gateSharpness, $0.segmentationWeight, $0.labels) = (5, 0.5, labels) }
        let (tree, views) = (try weights(objective), views(objective, 2))
        let found = try gradient(objective, views, tree).gradient
        let layout = try objective.trainableLayout()
        let flat = try layout.flattened(tree)
        let scale = found.reduce(0) { max($0, abs($1)) }
        for index in stride(from: 0, to: flat.count, by: 7).map({ $0 }) + [flat.count - 2, flat.count - 1] {
            func value(_ step: Float) throws -> Double {
                var moved = flat
                moved[index] += step
                let tree = try layout.unflattened(moved, into: tree, on: backend)
                let loss = try objective.loss(of: views, student: tree, teacher: tree, on: backend)
                return loss.terms[0].sum
            }
            let step: Float = 1 / 256
            let slope = try (value(step) - value(-step)) / Double(2 * step)
            #expect(abs(slope - Double(found[index])) < 2e-3 * Double(scale), "number \(index)")
        }
    }

    @Test("without a gate the global prompt and its temperature have no gradient")
    func ungated() throws {
        let objective = try objective { $0.isGated = false }
        let (found, loss) = try gradient(objective, views(objective, 2), weights(objective))
        #expect(found[..<24].allSatisfy { $0 == 0 } && found[found.count - 1] == 0)
        #expect(found[24..<96].contains { $0 != 0 } && found[96] != 0)
        #expect(!loss.terms.contains { $0.name.hasPrefix("gate") || $0.name == "classification" })
    }

    @Test("all segmentation prompts that are equal have the same gradient: only the start tells them apart")
    func equalPrompts() throws {
        let objective = try objective()
        var tree = try weights(objective)
        let one = try tree.tensor("prompts.contexts").sliced(axis: 0, 1..<2)
        tree["prompts.contexts"] = Tensor.concatenated([one, one, one, one], axis: 0)
        let found = try gradient(objective, views(objective, 2), tree).gradient
        #expect(zip(found[24..<48], found[48..<72]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(zip(found[0..<24], found[24..<48]).contains { abs($0 - $1) > 1e-6 })
    }

    @Test("the penalty is the weighed loss of the segmentation prompts alone, with their cosines to watch")
    func penalty() throws {
        let objective = try objective { $0.orthogonalityWeight = 2 }
        #expect(objective.penalizedParameter == "prompts.contexts")
        let contexts = try weights(objective).tensor("prompts.contexts").floats
        let penalty = objective.penalty(of: contexts)
        let plain = objective.orthogonality(contexts)
        #expect(penalty.gradient == plain.gradient.map { Float(2 * $0) })
        #expect(penalty.gradient[..<24].allSatisfy { $0 == 0 } && penalty.gradient.contains { $0 != 0 })
        #expect(penalty.metrics["orthogonality"] == plain.loss)
        #expect(penalty.metrics["context_cosine_maximum"] == plain.cosines.max())
    }

    // MARK: Labels

    @Test("labels of unseen classes never come through, and one that did would stop the run")
    func withheld() throws {
        let objective = try objective()
        let views = views(objective, 5)
        #expect(!views.contains { $0.cells.contains(2) })
        #expect(views.contains { $0.cells.contains(3) } && views.contains { $0.cells.contains(255) })
        let leak = MVPSEG.Views(sample: 7, picture: views[0].picture, cells: [UInt8](repeating: 2, count: 16))
        do {
            _ = try gradient(objective, [leak], weights(objective))
            Issue.record("a label of an unseen class was used")
        } catch let error as ObjectivesError {
            #expect(error == .unseenLabel(sample: 7, label: 2))
        }
    }

    @Test("a view without a label is not counted; alone it is no error")
    func unlabelled() throws {
        let objective = try objective()
        let tree = try weights(objective)
        let empty = objective.views(
            of: sample(9, labels: LabelMap(width: 40, height: 48, values: [UInt8](repeating: 254, count: 1920))),
            seed: SampleSeed(run: 1, epoch: 0, sample: 9)
        )
        #expect(objective.rejection(of: empty) == nil)
        let alone = try gradient(objective, [empty], tree)
        #expect(alone.loss.units == 0 && alone.loss.total == nil && alone.gradient.allSatisfy { $0 == 0 })
        let views = views(objective, 2)
        let (with, without) = (try gradient(objective, views + [empty], tree), try gradient(objective, views, tree))
        #expect(with.loss.units == 2 && with.gradient == without.gradient)
    }

    @Test("pictures without labels, with labels of another size or beyond the list are of no use, and say why")
    func unusable() throws {
        let objective = try objective()
        func rejection(_ labels: LabelMap?) -> String? {
            let seed = SampleSeed(run: 1, epoch: 0, sample: 0)
            return objective.rejection(of: objective.views(of: sample(0, labels: labels), seed: seed))
        }
        #expect(rejection(nil) == "it has no label map")
        #expect(
            rejection(LabelMap(width: 20, height: 48, values: [UInt8](repeating: 0, count: 960)))
                == "its labels have 20 × 48 pixels on a picture of 40 × 48"
        )
        var values = [UInt8](repeating: 0, count: 1920)
        values[77] = 4
        #expect(
            rejection(LabelMap(width: 40, height: 48, values: values))
                == "label 4 is beyond the 4 classes of the list"
        )
    }

    @Test("a view is a function of the seed; with features to be kept there are two views of a picture")
    func viewsOfASample() throws {
        func drawn(_ keeps: Bool) throws -> (pictures: Set<Image>, crops: Set<TargetCrop>) {
            let objective = try objective { $0.cachesFeatures = keeps }
            let sample = sample(1, labels: labels(1, width: 90, height: 40), width: 90, height: 40)
            var (pictures, crops): (Set<Image>, Set<TargetCrop>) = ([], [])
            for epoch in 0..<30 {
                let seed = SampleSeed(run: 5, epoch: epoch, sample: 1)
                let views = objective.views(of: sample, seed: seed)
                #expect(objective.views(of: sample, seed: seed).picture == views.picture)
                pictures.insert(views.picture)
                let named = objective.targetCrops(of: sample.sample, seed: seed)
                #expect(named.count == objective.targetCount(of: views))
                crops.formUnion(named)
                #expect(views.cells.count == 16 && views.picture.width == 32)
            }
            return (pictures, crops)
        }
        let (kept, fresh) = (try drawn(true), try drawn(false))
        #expect(kept.pictures.count == 2 && kept.crops.count == 2)
        #expect(fresh.pictures.count > 10)
        let rectangles = Set(kept.crops.map(\.rectangle))
        #expect(rectangles.count == 1 && rectangles.first?.width == 40 && rectangles.first?.height == 40)
    }

    @Test("a view is resized as segmentation resizes: bilinearly with antialias, cut first and mirrored last")
    func resizing() throws {
        let objective = try objective { $0.flip = 0.5 }
        let sample = sample(1, labels: labels(1, width: 90, height: 41), width: 90, height: 41)
        var mirrored: Set<Bool> = []
        for epoch in 0..<12 {
            let seed = SampleSeed(run: 5, epoch: epoch, sample: 1)
            let crop = try #require(objective.targetCrops(of: sample.sample, seed: seed).first)
            let cut = sample.image.cropped(x: crop.rectangle.x, y: crop.rectangle.y, width: 41, height: 41)
            func turned(_ image: Image) -> Image { crop.isMirrored ? image.flippedHorizontally() : image }
            let found = objective.views(of: sample, seed: seed).picture
            #expect(found == turned(cut.resizedForPatches(width: 32, height: 32)))
            #expect(found == turned(cut.resized(width: 32, height: 32, by: .bilinear)))
            #expect(found != turned(cut.resized(width: 32, height: 32)))
            mirrored.insert(crop.isMirrored)
        }
        #expect(mirrored.count == 2)
    }

    @Test("with labels of pixels a view keeps all of them but the unseen, and its loss counts pixels")
    func pixelLabels() throws {
        let (up, down) = (try objective { $0.labels = .up }, try objective { $0.labels = .down })
        let (fine, coarse) = (views(up, 3), views(down, 3))
        for (fine, coarse) in zip(fine, coarse) {
            #expect(fine.picture == coarse.picture && fine.cells.count == 32 * 32 && coarse.cells.count == 16)
            #expect(!fine.cells.contains(2) && fine.cells.contains(255))
            #expect(up.pictures(of: fine).map(\.name) == ["view", "cells"])
        }
        let tree = try weights(up)
        let (pixels, cells) = (try gradient(up, fine, tree), try gradient(down, coarse, tree))
        let labelled = fine.reduce(0) { $0 + $1.cells.count { $0 != 255 } }
        func counted(_ loss: ObjectiveLoss) -> Int? { loss.terms.first { $0.name == "cell_accuracy" }?.count }
        #expect(counted(pixels.loss) == labelled && counted(cells.loss) ?? 0 <= 48)
        #expect(pixels.gradient != cells.gradient && pixels.loss.units == 3)
        // No label of an unseen class passes here either.
        let leak = MVPSEG.Views(sample: 7, picture: fine[0].picture, cells: [UInt8](repeating: 2, count: 1024))
        #expect(throws: ObjectivesError.unseenLabel(sample: 7, label: 2)) { try gradient(up, [leak], tree) }
    }

    // MARK: Settings

    private static let faults: [(String, @Sendable (inout MVPSEG.Configuration) -> Void)] = [
        ("objective.prompts", { $0.prompts = 0 }), ("objective.contexts", { $0.contexts = 0 }),
        ("objective.initial_words", { $0.initialWords = "a photo of a" }),
        ("objective.initial_deviation", { $0.initialDeviation = 0 }),
        ("objective.initial_scale", { $0.initialScale = 5 }),
        ("objective.gate_sharpness", { $0.gateSharpness = .nan }),
        ("objective.readout", { $0.readout = "nothing" }),
        ("objective.view_size", { $0.viewSize = 36 }), ("objective.flip", { $0.flip = 2 }),
        ("objective.average_momentum", { $0.averageMomentum = 1 }),
        ("objective.orthogonality_weight", { $0.orthogonalityWeight = -1 }),
        ("objective.student_batch", { $0.studentBatch = 0 }), ("objective.class_batch", { $0.classBatch = 0 }),
        ("objective.classes", { $0.classes = "cat\nCat\n" }), ("objective.classes", { $0.unseen = ["wolf"] }),
        ("objective.classes", { $0.classes = "cat\ndog | unseen\n" }),
        ("objective.classes", { $0.classes = "cat\na name of far too many words for so short a context\n" }),
    ]

    @Test("settings that cannot be are named", arguments: 0..<17)
    func problems(index: Int) throws {
        #expect(Self.faults.count == 17)
        let (key, change) = Self.faults[index]
        let problems = Self.configuration(change).problems(under: "objective", for: try Self.model())
        #expect(problems.map(\.key) == [key], "\(problems)")
    }

    @Test("without classes nothing is computed")
    func noClasses() throws {
        #expect(Self.configuration { $0.classes = "" }.problems(under: "objective", for: try Self.model()).isEmpty)
        do {
            _ = try objective { $0.classes = "" }
            Issue.record("it was made without classes")
        } catch let error as SettingProblems {
            #expect(error.problems.map(\.key) == ["objective.classes"])
        }
    }

    @Test("a model without a text tower is refused")
    func noText() throws {
        let json = #"{"embed_dim": 12, "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 64, "layers": 2}}"#
        let problems = Self.configuration().problems(under: "objective", for: try ModelConfiguration(json: json.utf8))
        #expect(problems.map(\.key) == ["model"])
    }
}
