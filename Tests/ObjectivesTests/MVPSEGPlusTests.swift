import Checkpoints
import Datasets
import Foundation
import Images
import Layers
import Models
import Objectives
import TestSupport
import Tensors
import Testing

/// The objective on a tower of two blocks, with drawn pictures whose labels are bands of all classes.
@Suite("MVP-SEG+")
struct MVPSEGPlusTests {
    private let backend = CPUBackend(threadCount: 2)
    private static let classes = "tiger\ndining table\ncat | unseen\npotted plant\ndog | unseen\n"

    private static func model() throws -> ModelConfiguration {
        let json = """
            {"embed_dim": 12, "quick_gelu": true,
             "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 16, "head_width": 8, "layers": 2},
             "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 2}}
            """
        return try ModelConfiguration(json: json.utf8)
    }

    private func objective(
        updates: Int = 20,
        _ change: (inout MVPSEGPlus.Configuration) -> Void = { _ in }
    ) throws -> MVPSEGPlus {
        var configuration = MVPSEGPlus.Configuration(
            parent: "prompts@4",
            classes: Self.classes,
            decoderWidth: 6,
            viewSize: 32,
            studentBatch: 8,
            promptsDigest: Digest(of: "prompts".utf8),
            encoder: Digest(of: "encoder".utf8),
            readout: "value-residual",
            gateSharpness: 10
        )
        change(&configuration)
        return try MVPSEGPlus(configuration, model: Self.model(), updates: updates)
    }

    /// Drawn weights; the decoder as it starts, or moved.
    private func weights(_ objective: MVPSEGPlus, movesDecoder: Bool = true) throws -> ParameterTree {
        let source = RecordingSource(InitializingSource(seed: 4, on: backend))
        try objective.readParameters(ParameterScope(source))
        var tree = source.tree
        for (index, parameter) in try objective.parameters().enumerated() {
            let isDecoders = parameter.path.hasPrefix("decoder.")
            guard parameter.shape.rank > 0, movesDecoder || !isDecoders else { continue }
            let noise = Tensor.random(parameter.shape, seed: 31, stream: UInt64(index), on: backend)
            tree[parameter.path] = noise.scaled(by: 0.3)
        }
        tree["classes.log_scale"] = Tensor([3], [], on: backend)
        tree["classes.log_gate_temperature"] = Tensor([-1], [], on: backend)
        return tree
    }

    private func sample(_ index: Int, labels: LabelMap?, width: Int = 40, height: Int = 48) -> LoadedSample {
        let noise = RandomGenerator(run: 3, epoch: 0, sample: UInt64(index), view: 0)
        let coarse = Image(width: 4, height: 3, pixels: (0..<36).map { UInt8(noise.integer(below: 256, at: $0)) })
        let sample = Sample(id: Int64(index), key: "\(index).png", width: width, height: height)
        return LoadedSample(sample: sample, image: coarse.resized(width: width, height: height), labels: labels)
    }

    private func labels(_ index: Int, width: Int = 40, height: Int = 48) -> LabelMap {
        let values: [UInt8] = [0, 1, 2, 3, 4, 255]
        let pixels = (0..<width * height).map { values[($0 / (width * 8) + index) % 6] }
        return LabelMap(width: width, height: height, values: pixels)
    }

    private func views(_ objective: MVPSEGPlus, _ count: Int = 3, update: Int = 0) -> [MVPSEGPlus.Views] {
        (0..<count).map { index in
            objective.views(
                of: sample(index, labels: labels(index)),
                seed: SampleSeed(run: 1, epoch: 0, sample: Int64(index), update: update)
            )
        }
    }

    private func gradient(
        _ objective: MVPSEGPlus,
        _ views: [MVPSEGPlus.Views],
        _ tree: ParameterTree,
        initial: ParameterTree? = nil
    ) throws -> (gradient: [Float], loss: ObjectiveLoss) {
        let layout = try objective.trainableLayout()
        let differentiation = try ValueAndGradient(tree, trains: layout)
        let loss = try objective.loss(
            of: views,
            student: differentiation.parameters,
            teacher: initial ?? tree,
            on: backend
        )
        var gradient = [Float](repeating: 0, count: layout.count)
        if let total = loss.total { _ = try differentiation(addingTo: &gradient) { total } }
        return (gradient, loss)
    }

    private func term(_ name: String, of loss: ObjectiveLoss) -> Double? {
        loss.terms.first { $0.name == name }?.mean
    }

    // MARK: What trains

    @Test("the decoder trains, and of the tower the blocks that are unfrozen; class vectors never do")
    func parameters() throws {
        let frozen = try objective()
        let own = try DenseDecoder.parameters(of: frozen.decoder).map(\.path)
        #expect(try frozen.trainableLayout().paths == own)
        #expect(frozen.teacherPolicy == .none)
        let open = try objective { $0.unfreezeBlocks = 1 }
        let paths = try open.trainableLayout().paths
        #expect(paths.suffix(own.count) == own[...] && paths.count > own.count)
        #expect(paths.dropLast(own.count).allSatisfy { $0.hasPrefix("visual.transformer.resblocks.1.") })
        #expect(open.teacherPolicy == .frozen)
        let all = try open.parameters()
        #expect(try all.filter { !open.isAuxiliary($0.path) } == VisionTransformer.parameters(of: open.vision))
        #expect(open.isAuxiliary("prompts.contexts") && open.isAuxiliary("classes.global"))
    }

    @Test("the decoder of CLIP B/16 and its temperature are 919,553 numbers")
    func size() throws {
        let sizes = DenseDecoder.Configuration(inputs: 768, hidden: 256, embeddingSize: 512)
        #expect(try ParameterLayout(DenseDecoder.parameters(of: sizes)).count == 919_553)
    }

    @Test("an untrained student's cosines are the read-out's on the doubled grid, and its temperature CLIP's")
    func untrained() throws {
        let objective = try objective()
        let tree = try weights(objective, movesDecoder: false)
        let scope = ParameterScope(TreeSource(tree))
        let (tower, decoder) = (
            try VisionTransformer(scope, objective.vision), try DenseDecoder(scope, objective.decoder)
        )
        let pixels = Image.normalized(views(objective, 1).map(\.picture)[...], on: backend)
        let (features, tokens) = tower.denseFeaturesAndTokens(pixels)
        #expect(features.tokens.floats == tower.denseFeatures(pixels).tokens.floats)
        let rows = features.tokens.reshaped(to: [16, 12])
        let fine = decoder(tokens: tokens.reshaped(to: [16, 16]), features: rows, grid: features.grid)
        let expected = rows.bilinearResized(from: features.grid, to: Grid(rows: 8, columns: 8))
        #expect(fine.floats == expected.floats)
        #expect(abs(exp(decoder.logScale.scalar) - 100) < 1e-3)
        #expect(objective.parameterBounds.first?.range == Float(log(10.0))...Float(log(300.0)))
        let source = RecordingSource(InitializingSource(seed: 4, on: backend))
        try self.objective { $0.initialScale = 24 }.readParameters(ParameterScope(source))
        #expect(abs(exp(try source.tree.tensor(DenseDecoder.logScalePath).scalar) - 24) < 1e-3)
    }

    @Test("a class that no words describe learns its vector, by the derivative of the loss, and others keep theirs")
    func learnedClass() throws {
        let objective = try objective { $0.learnedClass = "potted plant" }
        let path = DenseDecoder.learnedVectorPath
        #expect(try objective.trainableLayout().count == self.objective().trainableLayout().count + 12)
        let tree = try weights(objective)
        let rows = try objective.classVectors(in: tree)
        let said = try tree.tensor(MVPSEGPlus.ClassVectors.segmentationPath).floats
        let length = sqrt(rows[3].reduce(0) { $0 + Double($1) * Double($1) })
        #expect(abs(length - 1) < 1e-6)
        for id in [0, 1, 2, 4] { #expect(rows[id] == Array(said[id * 12..<(id + 1) * 12])) }

        let layout = try objective.trainableLayout()
        let range = layout.range(of: try #require(layout.slices.firstIndex { $0.path == path }))
        let vector = try tree.tensor(path)
        let direction = Tensor.random(vector.shape, seed: 3, stream: 0, on: backend)
        for update in [0, 2] {
            let views = views(objective, update: update)
            let found = try gradient(objective, views, tree)
            let slope = zip(found.gradient[range], direction.floats).reduce(0) { $0 + Double($1.0 * $1.1) }
            func loss(_ step: Float) throws -> Double {
                var moved = tree
                moved[path] = vector + direction.scaled(by: step)
                return try gradient(objective, views, moved).loss.terms[0].sum
            }
            let expected = try (loss(0.01) - loss(-0.01)) / 0.02
            #expect(abs(slope) > 1e-3 && abs(slope - expected) < 0.01 * abs(expected), "\(slope), \(expected)")
        }
        #expect(throws: SettingProblems.self) { try self.objective { $0.learnedClass = "cat" } }
        #expect(throws: SettingProblems.self) { try self.objective { $0.learnedClass = "background" } }
    }

    // MARK: Phases

    @Test("the first tenth of the updates is guided, rounded up, by the number of the update and nothing else")
    func phases() throws {
        for (updates, fraction, guided) in [
            (20, 0.1, 2), (21, 0.1, 3), (20_000, 0.1, 2000), (30, 0.1, 3), (7, 0, 0), (7, 1, 7), (1, 0.1, 1),
        ] {
            let objective = try objective(updates: updates) { $0.guidedFraction = fraction }
            #expect(objective.guidedUpdates == guided, "\(fraction) of \(updates)")
        }
        let objective = try objective()
        #expect((0..<20).map(objective.isGuided(update:)) == (0..<20).map { $0 < 2 })
        // Fresh values and used ones agree, in any order: there is no counter.
        for update in [19, 0, 5, 1, 2, 1] {
            #expect(views(objective, update: update).allSatisfy { $0.isGuided == (update < 2) })
        }
    }

    @Test("guided labels come from the prompts and their gate, later ones from the student as it is")
    func teachers() throws {
        let objective = try objective()
        let tree = try weights(objective)
        var louder = tree
        // What was open is shut, and the other way round.
        louder["classes.global"] = try tree.tensor("classes.global").scaled(by: -9)
        func loss(_ tree: ParameterTree, _ update: Int) throws -> Double {
            try gradient(objective, views(objective, update: update), tree).loss.terms[0].sum
        }
        #expect(try loss(tree, 0) != loss(louder, 0), "the gate speaks in the first phase")
        #expect(try loss(tree, 2) == loss(louder, 2), "and not in the second")
        #expect(try loss(louder, 0) != loss(louder, 2))
        let guided = try gradient(objective, views(objective, update: 1), tree).loss
        #expect(term("guided", of: guided) == 1 && (term("pseudo_labels", of: guided) ?? 0) > 0)
        #expect(term("pseudo_labels_kept", of: guided) == 1)
        #expect(term("guided", of: try gradient(objective, views(objective, update: 2), tree).loss) == 0)
        let ungated = try self.objective { $0.isGated = false }
        #expect(
            try gradient(ungated, views(ungated), tree).loss.terms
                == gradient(ungated, views(ungated), louder).loss.terms
        )
    }

    @Test("where the tower trains, guidance is the initial tower's; else nobody is asked beside the student")
    func initialTower() throws {
        let open = try objective { $0.unfreezeBlocks = 1 }
        let tree = try weights(open)
        var other = tree
        // Whatever was like a class is unlike it.
        other["visual.proj"] = try other.tensor("visual.proj").scaled(by: -1)
        let (guided, later) = (views(open), views(open, update: 2))
        #expect(guided.contains { open.targetCount(of: $0) == 1 })
        #expect(later.allSatisfy { open.targetCount(of: $0) == 0 })
        #expect(
            try gradient(open, guided, tree).loss.terms[0].sum
                != gradient(open, guided, tree, initial: other).loss.terms[0].sum
        )
        #expect(try gradient(open, later, tree).gradient == gradient(open, later, tree, initial: other).gradient)
        let frozen = try objective()
        #expect(views(frozen).allSatisfy { frozen.targetCount(of: $0) == 0 })
    }

    @Test("with its average for a teacher the student's labels are the average's behind the guided updates, only there")
    func average() throws {
        let plain = try objective()
        let averaged = try objective { ($0.selfTeacher, $0.averageMomentum) = (.average, 0.9) }
        #expect(averaged.teacherPolicy == .movingAverage && averaged.teacherMomentum?.reference == 0.9)
        let tree = try weights(averaged)
        var other = tree
        // Whatever was like a class is unlike it, to the average alone.
        other["visual.proj"] = try other.tensor("visual.proj").scaled(by: -1)
        other["decoder.expansion.weight"] = try other.tensor("decoder.expansion.weight").scaled(by: -1)
        other["decoder.expansion.bias"] = try other.tensor("decoder.expansion.bias").scaled(by: -1)
        for update in [0, 2] {
            let views = views(averaged, update: update)
            let alone = try gradient(plain, views, tree)
            // An average that is the student says what the student says.
            #expect(try gradient(averaged, views, tree, initial: tree).gradient == alone.gradient)
            let apart = try gradient(averaged, views, tree, initial: other)
            #expect((apart.gradient == alone.gradient) == (update == 0))
        }
    }

    // MARK: Labels

    @Test("views bear no label of an unseen class; one that came through all the same ends the run")
    func leak() throws {
        let objective = try objective()
        let views = views(objective, 6)
        let seen: Set<UInt8> = [0, 1, 3, LabelMap.withheld, LabelMap.void]
        #expect(views.allSatisfy { Set($0.labels).isSubset(of: seen) && $0.labels.count == 32 * 32 })
        #expect(views.contains { $0.labels.contains(LabelMap.withheld) })
        var leaking = views[0].labels
        leaking[77] = 4
        let leak = MVPSEGPlus.Views(sample: 9, picture: views[0].picture, labels: leaking, isGuided: false)
        do {
            _ = try gradient(objective, [views[0], leak], weights(objective))
            Issue.record("a label of an unseen class was trained with")
        } catch let error as ObjectivesError {
            #expect(error == .unseenLabel(sample: 9, label: 4))
        }
    }

    @Test("a sample without a label map, with one of another size, or with a class beyond the list is passed over")
    func unusable() throws {
        let objective = try objective()
        let seed = SampleSeed(run: 1, epoch: 0, sample: 0)
        let strange = LabelMap(width: 40, height: 48, values: [UInt8](repeating: 7, count: 40 * 48))
        for (labels, word) in [
            (nil, "no label map"), (labels(0, width: 48, height: 40), "48 × 40"), (strange, "label 7"),
        ] as [(LabelMap?, String)] {
            let views = objective.views(of: sample(0, labels: labels), seed: seed)
            #expect(try #require(objective.rejection(of: views)).contains(word))
        }
    }

    @Test("labels and pixels of a view are the same cut, mirrored together")
    func cuts() throws {
        let objective = try objective { $0.leastCrop = 0.5 }
        // The picture shows its labels: dark where class 0 is, bright where class 1 is.
        let (width, height) = (64, 96)
        let values = (0..<width * height).map { place -> UInt8 in place % width < 20 || place / width > 60 ? 0 : 1 }
        let image = Image(width: width, height: height, pixels: values.flatMap { Array(repeating: $0 * 255, count: 3) })
        var sizes: Set<Int> = []
        for index in 0..<24 {
            let sample = LoadedSample(
                sample: Sample(id: Int64(index), key: "x", width: width, height: height),
                image: image,
                labels: LabelMap(width: width, height: height, values: values)
            )
            let views = objective.views(of: sample, seed: SampleSeed(run: 2, epoch: 1, sample: Int64(index)))
            let wrong = (0..<32 * 32).count { place in
                let shade = views.picture[place % 32, place / 32].red
                return (shade < 64 && views.labels[place] == 1) || (shade > 192 && views.labels[place] == 0)
            }
            #expect(wrong == 0, "sample \(index)")
            sizes.insert(views.labels.count { $0 == 0 })
        }
        #expect(sizes.count > 12, "cuts differ")
    }

    @Test("a view of nothing but void has no part in the gradient, and a job of such views none")
    func nothing() throws {
        let objective = try objective()
        let tree = try weights(objective)
        let views = views(objective, 2)
        let void = MVPSEGPlus.Views(
            sample: 5,
            picture: views[0].picture,
            labels: [UInt8](repeating: 255, count: 32 * 32),
            isGuided: true
        )
        let (with, without) = (try gradient(objective, views + [void], tree), try gradient(objective, views, tree))
        #expect(with.loss.units == 2 && with.loss.terms == without.loss.terms)
        #expect(with.gradient == without.gradient)
        let none = try gradient(objective, [void], tree).loss
        #expect(none.total == nil && none.units == 0)
    }

    // MARK: Settings

    @Test("settings that suit nothing are refused by name, and so is a recipe that no run has completed")
    func problems() throws {
        func problem(_ change: (inout MVPSEGPlus.Configuration) -> Void) -> String {
            do {
                _ = try objective(change)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(problem { _ in } == "")
        #expect(problem { $0.parent = nil }.contains("objective.parent"))
        #expect(problem { $0.prompts = "file" }.contains("objective.parent"))
        #expect(problem { $0.unfreezeBlocks = 3 }.contains("objective.unfreeze_blocks"))
        #expect(problem { ($0.unfreezeBlocks, $0.readout) = (1, "kk") }.contains("read-out kk"))
        #expect(problem { ($0.unfreezeBlocks, $0.selfTeacher) = (1, .average) }.contains("objective.self_teacher"))
        #expect(problem { $0.averageMomentum = 1 }.contains("objective.average_momentum"))
        #expect(problem { $0.viewSize = 33 }.contains("objective.view_size"))
        #expect(problem { $0.initialScale = 301 }.contains("objective.initial_scale"))
        #expect(problem { $0.guidedFraction = 1.5 }.contains("objective.guided_fraction"))
        #expect(problem { $0.confidence = 1 }.contains("objective.confidence"))
        #expect(problem { $0.leastCrop = 0 }.contains("objective.least_crop"))
        #expect(problem { $0.decoderWidth = 0 }.contains("objective.decoder_width"))
        #expect(problem { $0.classes = "tiger | unseen\ncat | unseen" }.contains("one of them seen"))
        #expect(problem { $0.encoder = nil }.contains("run create"))
    }
}
