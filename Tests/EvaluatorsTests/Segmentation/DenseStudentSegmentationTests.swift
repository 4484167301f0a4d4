import Checkpoints
import Datasets
import Evaluators
import Foundation
import Images
import Layers
import Models
import Objectives
import OrderedCollections
import TestSupport
import Tensors
import Testing

@Suite("Segmentation by a dense student")
struct DenseStudentSegmentationTests {
    private let backend = CPUBackend(threadCount: 1)
    private let model: ModelConfiguration
    private let tree: ParameterTree
    private let tower: VisionTransformer
    private let text: TextTransformer

    init() throws {
        let json = """
            {"embed_dim": 12,
             "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 16, "head_width": 8, "layers": 2},
             "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 2}}
            """
        model = try ModelConfiguration(json: json.utf8)
        let source = RecordingSource(InitializingSource(seed: 6, on: backend))
        _ = try VisionTransformer(ParameterScope(source), model.vision)
        _ = try TextTransformer(ParameterScope(source), model.textTower())
        tree = source.tree
        tower = try VisionTransformer(ParameterScope(TreeSource(tree)), model.vision)
        text = try TextTransformer(ParameterScope(TreeSource(tree)), model.textTower())
    }

    private var prompts: SegmentationPrompts {
        let noise = RandomGenerator(run: 8, epoch: 0, sample: 0, view: 0)
        return SegmentationPrompts(
            contexts: (0..<4 * 3 * 8).map { Float(0.5 * noise.normal(at: $0)) },
            count: 3,
            length: 3,
            width: 8,
            logScale: Float(log(100.0 / 3)),
            logGateTemperature: -2,
            facts: SegmentationPrompts.Facts(
                isGated: false,
                gateSharpness: 100,
                readout: "value-residual",
                encoder: Digest(of: "encoder".utf8),
                tokenizer: CLIPTokenizer.digest,
                classList: "abc"
            )
        )
    }

    private func student(seed: UInt64 = 4, moves: Bool = false) throws -> DenseStudent {
        let sizes = DenseDecoder.Configuration(inputs: 16, hidden: 6, embeddingSize: 12)
        let source = RecordingSource(InitializingSource(seed: seed, on: backend))
        _ = try DenseDecoder(ParameterScope(source), sizes)
        var decoder = source.tree.checkpoint.tensors
        if moves {
            let noise = RandomGenerator(run: 9, epoch: 0, sample: 0, view: 0)
            let weights = (0..<12 * 6).map { Float(noise.normal(at: $0)) }
            decoder["decoder.expansion.weight"] = CheckpointTensor(weights, shape: [12, 6])
        }
        return DenseStudent(prompts: prompts, decoder: decoder, tower: [:], configuration: sizes)
    }

    private var classes: ClassList {
        get throws { try ClassList(names: ["cat", "dog;hound", "grass", "dining table"], source: "test") }
    }

    private func picture() -> Image {
        let noise = RandomGenerator(run: 3, epoch: 0, sample: 0, view: 0)
        let coarse = Image(width: 7, height: 5, pixels: (0..<105).map { UInt8(noise.integer(below: 256, at: $0)) })
        return coarse.resized(width: 76, height: 52)
    }

    private func segment(_ student: DenseStudent, window: Int? = nil) throws -> SegmentedPicture {
        let decoder = try student.decoder(for: model.vision, on: backend)
        let scorer = try ClassScorer(
            classes,
            student: student.prompts,
            scale: exp(Double(decoder.logScale.scalar)),
            tower: text,
            on: backend
        )
        var configuration = SemanticSegmenter.Configuration()
        configuration.window = try window.map { try SlidingWindow(side: $0, stride: $0, patchSize: 8) }
        return try SemanticSegmenter(tower, decoder: decoder, scorer: scorer, configuration, on: backend)
            .segment(picture())
    }

    @Test("an untrained student says what the prompts say without a gate, on the doubled grid")
    func untrained() throws {
        let student = try student()
        let decoder = try student.decoder(for: model.vision, on: backend)
        let fused = try ClassScorer(classes, prompts: student.prompts, tower: text, on: backend)
        let mean = try ClassScorer(classes, student: student.prompts, scale: 100, tower: text, on: backend)
        #expect(mean.gate == nil && mean.classes == fused.classes)
        let pixels = Image.normalized([picture().resized(width: 72, height: 48)], on: backend)
        let (features, tokens) = tower.denseFeaturesAndTokens(pixels)
        let (grid, fine) = (features.grid, DenseDecoder.refined(features.grid))
        let rows = features.tokens.reshaped(to: [grid.count, 12])
        let own = decoder(tokens: tokens.reshaped(to: [grid.count, 16]), features: rows, grid: grid)
        // Z of the prompts brought to the doubled grid: products and interpolation are both linear.
        let products = fused.products(with: rows).floats  // [R, N]
        let found = mean.products(with: own).floats
        for row in fused.classes.indices {
            let values = Array(products[row * grid.count..<(row + 1) * grid.count])
            let cells = Tensor(values, [grid.count, 1], on: backend)
            let expected = cells.bilinearResized(from: grid, to: fine).floats
            for (a, b) in zip(found[row * fine.count..<(row + 1) * fine.count], expected) {
                #expect(abs(a - b) < 1e-3)
            }
        }
    }

    @Test("a picture's labels come from the doubled grid, and training the decoder changes them")
    func labels() throws {
        let untrained = try segment(student())
        #expect(untrained.labels.width == 76 && untrained.labels.height == 52)
        #expect(untrained.grid == Grid(rows: 14, columns: 20) && untrained.gates == nil)
        #expect(try segment(student(seed: 5)).labels == untrained.labels, "a decoder of zeros, whatever comes before")
        let trained = try segment(student(moves: true))
        #expect(trained.labels != untrained.labels)
        #expect(try segment(student(moves: true), window: 32).labels.values.count == 76 * 52)
    }

    @Test("a class that learned its vector is compared by that under each of its names, the others by words")
    func learnedClass() throws {
        let prompts = try student().prompts
        let said = try ClassScorer(classes, student: prompts, scale: 100, tower: text, on: backend)
        let vector = [Float](repeating: 0, count: 11) + [1]
        let learned = (name: "dog", vector: vector)
        let scorer = try ClassScorer(classes, student: prompts, scale: 100, learned: learned, tower: text, on: backend)
        for row in 0..<scorer.classes.count {
            let range = row * 12..<(row + 1) * 12
            let isLearned = scorer.classes[row] == 1
            #expect(Array(scorer.vectors[range]) == (isLearned ? vector : Array(said.vectors[range])), "row \(row)")
        }
        #expect(scorer.classes.count { $0 == 1 } == 2)
    }

    @Test("what compares patches is refused, as a student's vectors are none")
    func refinements() throws {
        let student = try student()
        let decoder = try student.decoder(for: model.vision, on: backend)
        let scorer = try ClassScorer(classes, student: student.prompts, scale: 100, tower: text, on: backend)
        var configuration = SemanticSegmenter.Configuration()
        configuration.denoisesPrompts = true
        do throws(EvaluatorsError) {
            _ = try SemanticSegmenter(tower, decoder: decoder, scorer: scorer, configuration, on: backend)
            Issue.record("it was taken")
        } catch {
            #expect(error == .refinedStudent)
        }
    }
}
