import Checkpoints
import Layers
import Models
import OrderedCollections
import Tensors
import Testing

/// Against open_clip's own text tower, forward and backward, all parameters random.
@Suite("Parity: text towers")
struct TextTransformerParityTests {
    static let models = ["text-gelu-odd", "text-quickgelu-layerscale", "text-one-layer"]

    let backend = CPUBackend(threadCount: 2)

    private func configuration(_ fixture: Fixture) throws -> TextTransformer.Configuration {
        try ModelConfiguration(json: fixture.metadata("model").utf8).textTower()
    }

    private func rows(_ fixture: Fixture) throws -> [[Int32]] {
        let tokens = try fixture.checkpoint.tensor(named: "tokens")
        let numbers = try tokens.doubles.map { try #require(Int32(exactly: $0)) }
        return stride(from: 0, to: numbers.count, by: tokens.shape[1]).map {
            Array(numbers[$0..<$0 + tokens.shape[1]])
        }
    }

    @Test("text features equal open_clip's", arguments: models)
    func features(name: String) throws {
        let fixture = try Fixture(name)
        let tree = try fixture.parameters(on: backend)
        let configuration = try configuration(fixture)
        let read = try TextTransformer.parameters(of: configuration).map(\.path)
        #expect(Set(read) == Set(tree.paths), "the tower reads exactly what open_clip's has")
        let tower = try TextTransformer(ParameterScope(TreeSource(tree)), configuration)
        let features = try tower.encodeText(rows(fixture), on: backend)
        let expected = try fixture.tensor("features", on: backend)
        let difference = Difference(features.floats, from: expected.floats)
        print("\(name), text features: \(difference)")
        #expect(features.shape == expected.shape)
        #expect(difference.relative < 1e-4)
        #expect(difference.cosine > 0.99999)
    }

    @Test("the gradient of every parameter equals PyTorch's", arguments: models)
    func gradients(name: String) throws {
        let fixture = try Fixture(name)
        let configuration = try configuration(fixture)
        var (tree, variables) = (ParameterTree(), [(path: String, tensor: Tensor)]())
        for (path, tensor) in try fixture.parameters(on: backend).tensors {
            let variable = tensor.asVariable()
            tree[path] = variable
            variables.append((path, variable))
        }
        let tower = try TextTransformer(ParameterScope(TreeSource(tree)), configuration)
        let features = try tower.encodeText(rows(fixture), on: backend)
        let cotangent = try fixture.tensor("cotangent", on: backend)
        let gradients = features.gradients(of: variables.map(\.tensor), seed: cotangent)
        for ((path, _), gradient) in zip(variables, gradients) {
            let difference = Difference(gradient.floats, from: try fixture.floats("gradients.\(path)"))
            print("\(name), \(path): \(difference)")
            // Softmax ignores a shift of all scores, so a key bias has rounding noise for a gradient.
            if path.hasSuffix("in_proj_bias") {
                #expect(difference.largestAbsolute < 1e-3)
            } else {
                #expect(difference.relative < 1e-3)
            }
        }
    }

    @Test("the numbers between the towers start where the model file says")
    func logits() throws {
        let configuration = try ModelConfiguration(json: Fixture("text-one-layer").metadata("model").utf8).clip()
        #expect(configuration.logitScale == 1.5 && configuration.logitBias == -3)
    }
}
