import Checkpoints
import Datasets
import Evaluators
import Foundation
import Layers
import Models
import Tensors
import Testing

@Suite("Class scorer of names")
struct ClassScorerTextTests {
    private let backend = CPUBackend(threadCount: 1)
    private let tower: TextTransformer

    init() throws {
        let json = """
            {"embed_dim": 5, "vision_cfg": {}, "text_cfg": {"context_length": 16, "width": 8, "heads": 2, "layers": 2}}
            """
        let configuration = try ModelConfiguration(json: json.utf8).textTower()
        tower = try TextTransformer(ParameterScope(InitializingSource(seed: 4, on: backend)), configuration)
    }

    private func prompts(_ contexts: [Float], count: Int, isGated: Bool) -> SegmentationPrompts {
        SegmentationPrompts(
            contexts: contexts,
            count: count,
            length: 4,
            width: 8,
            logScale: Float(log(100.0)),
            logGateTemperature: Float(log(0.1)),
            facts: SegmentationPrompts.Facts(
                isGated: isGated,
                gateSharpness: 50,
                readout: "value-residual",
                encoder: Digest(of: [1]),
                tokenizer: CLIPTokenizer.digest,
                classList: ""
            )
        )
    }

    @Test("a class has one row a synonym, background one more class of all its names")
    func rows() throws {
        let list = try ClassList(names: ["cat; kitten", "dog"], source: "test")
        let templates = try PromptTemplates(text: "a {}.\nthe {}.\n", source: "test")
        let encoder = try CaptionEncoder(tower, on: backend)
        let scorer = try ClassScorer(
            list,
            background: ["sky", "wall"],
            templates: templates,
            encoder: encoder,
            scale: 10
        )
        #expect(scorer.classes == [0, 0, 1, 2, 2] && scorer.classCount == 3 && scorer.size == 5)
        #expect(scorer.rows(of: 0) == 0..<2 && scorer.rows(of: 2) == 3..<5)
        let names = try ClassEmbeddings(names: ["kitten"], templates: templates, encoder: encoder)
        #expect(Array(scorer.vectors[5..<10]) == names.vectors)
    }

    @Test("embeddings of a file stand for names, whatever their order and spelling, and each must be there")
    func embeddings() throws {
        let file = try ClassEmbeddings(
            names: ["Dog", "ice_cream", "cat", "wolf"],
            vectors: (0..<4).flatMap { row in (0..<5).map { $0 == row ? 1 : 0 } }
        )
        let list = try ClassList(names: ["cat", "dog; ice cream"], source: "test")
        let scorer = try ClassScorer(list, embeddings: file, scale: 100)
        #expect(scorer.classes == [0, 1, 1] && scorer.size == 5)
        #expect(scorer.vectors == [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0])
        let more = try ClassList(names: ["cat", "cow; ox"], source: "test")
        let missing = EvaluatorsError.unmatchedClasses(labels: [.init(name: "cow"), .init(name: "ox")], classes: [])
        #expect(throws: missing) { try ClassScorer(more, embeddings: file, scale: 100) }
    }

    @Test("one prompt that begins as the template's words scores as the template")
    func sameAsTemplate() throws {
        let list = try ClassList(names: ["cat", "tiger", "fire engine"], source: "test")
        let words = tower.tokenEmbedding.gatheredRows([320, 1125, 539, 320]).floats  // a photo of a
        let prompted = try ClassScorer(
            list,
            prompts: prompts(words + words, count: 1, isGated: false),
            tower: tower,
            on: backend
        )
        let templates = try PromptTemplates(text: "a photo of a {}.\n", source: "test")
        let encoder = try CaptionEncoder(tower, on: backend)
        let plain = try ClassScorer(list, templates: templates, encoder: encoder, scale: 100)
        for (a, b) in zip(prompted.vectors, plain.vectors) { #expect(abs(a - b) < 1e-5) }
        #expect(abs(prompted.scale - 100) < 1e-3 && prompted.gate == nil)
    }

    @Test("segmentation prompts are added up, the global one gates")
    func sum() throws {
        let list = try ClassList(names: ["cat", "dog"], source: "test")
        let random = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        let contexts = (0..<3 * 32).map { Float(random.normal(at: $0)) }
        let both = try ClassScorer(list, prompts: prompts(contexts, count: 2, isGated: true), tower: tower, on: backend)
        func one(_ index: Int) throws -> [Float] {
            let part = Array(contexts[index * 32..<(index + 1) * 32])
            return try ClassScorer(
                list,
                prompts: prompts(part + part, count: 1, isGated: false),
                tower: tower,
                on: backend
            )
            .vectors
        }
        for (sum, (a, b)) in zip(both.vectors, zip(try one(1), try one(2))) { #expect(abs(sum - a - b) < 1e-5) }
        let gate = try #require(both.gate)
        for (a, b) in zip(gate.vectors, try one(0)) { #expect(abs(a - b) < 1e-5) }
        #expect(gate.sharpness == 50 && abs(gate.temperature - 0.1) < 1e-6)
    }

    @Test("a name that would be cut is refused")
    func longName() throws {
        let list = try ClassList(
            names: ["cat", "a very long name of many words that no tower of sixteen reads"],
            source: "t"
        )
        let encoder = try CaptionEncoder(tower, on: backend)
        let templates = try PromptTemplates(text: "a photo of a {}.\n", source: "test")
        #expect(throws: ModelsError.self) {
            try ClassScorer(list, templates: templates, encoder: encoder, scale: 1)
        }
    }
}
