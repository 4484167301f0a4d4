import Layers
import Models
import TestSupport
import Tensors
import Testing

@Suite struct CaptionEncoderTests {
    private let backend = CPUBackend(threadCount: 2)

    private func encoder(vocabulary: Int = 49408) throws -> CaptionEncoder {
        let json = """
            {"embed_dim": 5, "vision_cfg": {}, "text_cfg": {"context_length": 9, "vocab_size": \(vocabulary), "width": 8,
             "heads": 2, "layers": 1}}
            """
        let configuration = try ModelConfiguration(json: json.utf8).textTower()
        let source = InitializingSource(seed: 4, on: backend)
        return try CaptionEncoder(TextTransformer(ParameterScope(source), configuration), on: backend)
    }

    @Test("texts become unit vectors with equal bits in batches of any size")
    func batches() throws {
        let texts = ["a cat", "A  CAT", "two dogs on a long, long, long road to nowhere at all", "日本"]
        let encoder = try encoder()
        var counts: [Int] = []
        let vectors = try encoder.vectors(of: texts, batch: 3) { counts.append($0) }
        #expect(counts == [3, 4] && vectors.count == 20)
        #expect(vectors == (try encoder.vectors(of: texts, batch: 1)))
        #expect(Array(vectors[..<5]) == Array(vectors[5..<10]))
        for row in 0..<4 {
            let square = vectors[row * 5..<row * 5 + 5].reduce(0) { $0 + $1 * $1 }
            #expect(abs(square - 1) < 1e-5)
        }
        let raw = try encoder.vectors(of: texts, normalized: false)
        #expect(abs(raw[..<5].reduce(0) { $0 + $1 * $1 } - 1) > 1e-3)
    }

    @Test("an empty text and a tower of other tokens are refused by name")
    func refusals() throws {
        #expect(throws: ModelsError.emptyText(" \u{0} ")) { try encoder().vectors(of: ["a cat", " \u{0} "]) }
        #expect(throws: ModelsError.self) { try encoder(vocabulary: 100) }
        #expect(try encoder().vectors(of: []).isEmpty)
    }
}
