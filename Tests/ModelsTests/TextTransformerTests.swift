import Layers
import Models
import TestSupport
import Tensors
import Testing

@Suite struct TextTransformerTests {
    private let backend = CPUBackend(threadCount: 2)

    private static func configuration(context: Int = 12, vocabulary: Int = 20) throws -> TextTransformer.Configuration {
        let json = """
            {"embed_dim": 10, "vision_cfg": {"image_size": 16, "patch_size": 8, "width": 64, "layers": 1},
             "text_cfg": {"context_length": \(context), "vocab_size": \(vocabulary), "width": 18, "heads": 3, "layers": 3,
                          "mlp_ratio": 2.0}}
            """
        return try ModelConfiguration(json: json.utf8).textTower()
    }

    @Test("its parameters are open_clip's, of open_clip's shapes")
    func parameters() throws {
        let shapes = try TextTransformer.parameters(of: Self.configuration())
        let byPath = Dictionary(uniqueKeysWithValues: shapes.map { ($0.path, $0.shape) })
        #expect(byPath["token_embedding.weight"] == [20, 18])
        #expect(byPath["positional_embedding"] == [12, 18])
        #expect(byPath["transformer.resblocks.2.attn.in_proj_weight"] == [54, 18])
        #expect(byPath["ln_final.bias"] == [18])
        #expect(byPath["text_projection"] == [18, 10])
        #expect(shapes.count == 5 + 3 * 12)
    }

    @Test("what follows the first end of text does not matter")
    func padding() throws {
        let tower = try TextTransformer.drawn(Self.configuration(), on: backend)
        let rows: [[Int32]] = [[1, 5, 6, 19], [1, 5, 6, 19, 0, 0, 0], [1, 5, 6, 19, 7, 19, 3, 2, 1, 0, 4, 19]]
        let together = tower.encodeText(rows, on: backend)
        #expect(together.shape == [3, 10])
        let first = Array(together.floats[..<10])
        #expect(Array(together.floats[10..<20]) == first)
        #expect(Array(together.floats[20...]) == first)
    }

    @Test("a text's vector has equal bits in any batch, on any number of threads")
    func bits() throws {
        let configuration = try Self.configuration(context: 300)
        let tower = try TextTransformer.drawn(configuration, on: backend)
        let long = (0..<299).map { Int32($0 % 19) } + [19]
        let rows: [[Int32]] = [[1, 5, 6, 19], long, [1, 2, 19], Array(long[..<60]) + [19]]
        let together = tower.encodeText(rows, on: backend).floats
        for (index, row) in rows.enumerated() {
            let alone = tower.encodeText([row], on: backend).floats
            #expect(alone == Array(together[index * 10..<(index + 1) * 10]), "row \(index)")
        }
        let single = CPUBackend(threadCount: 1)
        #expect(try TextTransformer.drawn(configuration, on: single).encodeText(rows, on: single).floats == together)
    }

    /// The tower's vectors of two rows, as an expression of its parameters.
    private static func features(_ configuration: TextTransformer.Configuration) throws -> ([Tensor]) -> Tensor {
        let paths = try TextTransformer.parameters(of: configuration).map(\.path)
        return { tensors in
            var tree = ParameterTree()
            for (path, tensor) in zip(paths, tensors) { tree[path] = tensor.scaled(by: 0.5) }
            let tower = try? TextTransformer(ParameterScope(TreeSource(tree)), configuration)
            return tower?.encodeText([[1, 5, 5, 6, 19, 0], [1, 19]], on: tensors[0].backend) ?? tensors[0]
        }
    }

    @Test("gradients agree with finite differences, in every parameter")
    func gradients() throws {
        var configuration = try Self.configuration()
        (configuration.width, configuration.headCount, configuration.hidden) = (6, 2, 8)
        (configuration.layers, configuration.contextLength, configuration.embeddingSize) = (2, 6, 3)
        let shapes = try TextTransformer.parameters(of: configuration).map(\.shape)
        let check = GradientCheck(shapes, try Self.features(configuration))
        #expect(check.largestDifference < 1e-6, "\(check.worst)")
    }

    @Test("the CPU agrees with plain loops, forward and backward")
    func reference() throws {
        let configuration = try Self.configuration()
        let shapes = try TextTransformer.parameters(of: configuration).map(\.shape)
        let comparison = BackendComparison(shapes, try Self.features(configuration))
        #expect(comparison.largestDifference < 2e-5, "\(comparison.worst)")
    }

    @Test("only tokens up to an end get a gradient")
    func tableGradient() throws {
        let configuration = try Self.configuration()
        let shapes = try TextTransformer.parameters(of: configuration).map(\.shape)
        let results = BackendComparison.results(on: backend, shapes, 3, try Self.features(configuration))
        let table = results[1].floats
        for token in 0..<20 {
            let isZero = table[token * 18..<(token + 1) * 18].allSatisfy { $0 == 0 }
            #expect(isZero == ![1, 5, 6, 19].contains(token), "token \(token)")
        }
    }

    @Test("a new tower starts by OpenAI's rule")
    func initialization() throws {
        let configuration = try Self.configuration(context: 64, vocabulary: 400)
        let source = RecordingSource(InitializingSource(seed: 3, on: backend))
        _ = try TextTransformer(ParameterScope(source), configuration)
        func deviation(_ path: String) throws -> Double {
            let tensor = try source.tree.tensor(path)
            return (tensor.floats.reduce(0) { $0 + Double($1) * Double($1) } / Double(tensor.shape.count)).squareRoot()
        }
        let width = 18.0
        for (path, expected) in [
            ("token_embedding.weight", 0.02), ("positional_embedding", 0.01),
            ("text_projection", 1 / width.squareRoot()),
            ("transformer.resblocks.1.attn.in_proj_weight", 1 / width.squareRoot()),
            ("transformer.resblocks.1.mlp.c_proj.weight", 1 / (6 * width).squareRoot()),
        ] {
            #expect(abs(try deviation(path) / expected - 1) < 0.15, "\(path)")
        }
    }
}
