import Foundation
import Layers
import Models
import TestSupport
import Tensors
import Testing

@Suite("Learned contexts in front of names")
struct PromptLearnerTests {
    private let backend = CPUBackend(threadCount: 2)
    private static let names = ["tiger", "dining table", "cat", "potted plant", "a very long name of something"]

    private static func configuration(width: Int = 8, layers: Int = 2) throws -> TextTransformer.Configuration {
        let json = """
            {"embed_dim": 6, "vision_cfg": {"image_size": 16, "patch_size": 8, "width": 64, "layers": 1},
             "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": \(width), "heads": 2,
                          "layers": \(layers)}}
            """
        return try ModelConfiguration(json: json.utf8).textTower()
    }

    private func contexts(_ shape: Shape, on backend: any Backend) -> Tensor {
        Tensor.random(shape, seed: 5, stream: 0, on: backend).scaled(by: 0.5)
    }

    private func names(_ contexts: Int, _ names: [String] = names) throws -> PromptNames {
        try PromptNames(names, contexts: contexts, contextLength: 16)
    }

    private func difference(_ a: [Float], _ b: [Float]) -> Double {
        #expect(a.count == b.count)
        let magnitude = b.reduce(0) { max($0, abs($1)) }
        return zip(a, b).reduce(0.0) { max($0, Double(abs($1.0 - $1.1) / magnitude)) }
    }

    @Test("a name is followed by a full stop and the end of text")
    func tokens() throws {
        let names = try PromptNames(["tiger", "Dining  Table"], contexts: 4, contextLength: 77)
        #expect(names.tokens[0] == [6531, 269, 49407])
        #expect(CLIPTokenizer().encode("a photo of a tiger.") == [320, 1125, 539, 320, 6531, 269])
        #expect(names.tokens[1].count == 4 && Array(names.tokens[1].suffix(2)) == [269, 49407])
    }

    @Test("names that are empty, there twice or too long are refused, never cut")
    func refusals() throws {
        func refusal(_ names: [String], _ contexts: Int = 4) -> ModelsError? {
            do throws(ModelsError) {
                _ = try PromptNames(names, contexts: contexts, contextLength: 16)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal(["cat", " &nbsp; "]) == .emptyText(" &nbsp; "))
        #expect(refusal(["cat", "dog", " CAT"]) == .duplicateName(" CAT"))
        // Start, contexts, two tokens, a full stop, end: 15 + 1.
        #expect(refusal(["dining table"], 11) == nil)
        #expect(
            refusal(["dining table"], 12) == .promptTooLong("dining table", contexts: 12, tokens: 17, limit: 16)
        )
    }

    @Test("contexts that are the token embeddings of words give the vectors of the whole sentences")
    func words() throws {
        let tower = try TextTransformer.drawn(Self.configuration(), on: backend)
        let words = tower.tokenEmbedding.gatheredRows(CLIPTokenizer().encode("a photo of a"))
        let found = PromptLearner(tower).features(contexts: words.reshaped(to: [1, 4, 8]), names: try names(4))
        let sentences = Self.names.map { CLIPTokenizer().tokens("a photo of a \($0).", contextLength: 16) }
        let expected = tower.encodeText(sentences, on: backend).l2Normalized()
        #expect(found.shape == [1, 5, 6])
        #expect(difference(found.floats, expected.floats) < 1e-6)
    }

    @Test("shared beginnings and few names at a time change neither vectors nor gradients", arguments: [1, 2, 3, 64])
    func sharing(batch: Int) throws {
        let tower = try TextTransformer.drawn(Self.configuration(layers: 3), on: backend)
        let names = try names(3)
        let seed = Tensor.random([3, 5, 6], seed: 8, stream: 0, on: backend)
        func result(_ learner: PromptLearner) -> (features: [Float], gradient: [Float]) {
            let variable = contexts([3, 3, 8], on: backend).asVariable()
            let features = learner.features(contexts: variable, names: names)
            return (features.floats, features.gradients(of: [variable], seed: seed)[0].floats)
        }
        let expected = result(PromptLearner(tower, sharesPrefix: false))
        for shares in [true, false] {
            let found = result(PromptLearner(tower, nameBatch: batch, sharesPrefix: shares))
            #expect(difference(found.features, expected.features) < 2e-6)
            #expect(difference(found.gradient, expected.gradient) < 1e-5)
        }
    }

    @Test("vectors stand in the order of the names, each as if it were alone")
    func order() throws {
        let tower = try TextTransformer.drawn(Self.configuration(), on: backend)
        let variable = contexts([2, 3, 8], on: backend)
        let all = PromptLearner(tower, nameBatch: 2).features(contexts: variable, names: try names(3)).floats
        for (index, name) in Self.names.enumerated() {
            let alone = PromptLearner(tower).features(contexts: variable, names: try names(3, [name])).floats
            for prompt in 0..<2 {
                let found = Array(all[(prompt * 5 + index) * 6..<(prompt * 5 + index + 1) * 6])
                #expect(difference(found, Array(alone[prompt * 6..<(prompt + 1) * 6])) < 2e-6, "\(name)")
                #expect(abs(found.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
            }
        }
    }

    @Test("the gradient of the contexts is that of finite differences", arguments: [true, false], [1, 64])
    func gradient(sharesPrefix: Bool, batch: Int) throws {
        let names = try names(2, ["cat", "dining table"])
        let reference = ReferenceBackend()
        let tower = try TextTransformer.drawn(Self.configuration(width: 4), on: reference)
        let check = GradientCheck([[2, 2, 4]]) { inputs in
            PromptLearner(tower, nameBatch: batch, sharesPrefix: sharesPrefix)
                .features(contexts: inputs[0], names: names)
        }
        #expect(check.largestDifference < 1e-6, "\(check.worst)")
    }

    @Test("a backward pass computes as many matrix products as a forward pass: none is for a weight")
    func inputGradientsOnly() throws {
        let metered = MeteredBackend(backend)
        let tower = try TextTransformer.drawn(Self.configuration(), on: metered)
        let names = try names(3)
        for shares in [true, false] {
            let variable = contexts([3, 3, 8], on: metered).asVariable()
            metered.reset()
            let features = PromptLearner(tower, sharesPrefix: shares).features(contexts: variable, names: names)
            let forward = try #require(metered.usage[.product]).calls
            metered.reset()
            _ = features.gradients(of: [variable], seed: Tensor.random([3, 5, 6], seed: 1, stream: 0, on: metered))
            let backward = try #require(metered.usage[.product]).calls
            print("shared \(shares): \(forward) products forwards, \(backward) backwards")
            // The names' own tokens have no history before the first mixing.
            #expect(shares ? backward < forward : backward == forward)
        }
    }

    @Test("sharing saves products: fewer multiplications than every sequence by itself")
    func saving() throws {
        let metered = MeteredBackend(backend)
        let tower = try TextTransformer.drawn(Self.configuration(), on: metered)
        func operations(_ shares: Bool) throws -> Int {
            let names = try names(6, ["cat", "dog", "cow", "hen"])
            let learned = contexts([4, 6, 8], on: metered)
            metered.reset()
            _ = PromptLearner(tower, sharesPrefix: shares).features(contexts: learned, names: names)
            return try #require(metered.usage[.product]).cost.operations
        }
        let (shared, plain) = (try operations(true), try operations(false))
        print("shared \(shared) operations, plain \(plain)")
        #expect(3 * shared < 2 * plain)
    }
}
