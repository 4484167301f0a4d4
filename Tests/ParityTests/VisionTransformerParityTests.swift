import Layers
import Models
import Tensors
import Testing

/// Against open_clip's own forward pass and a PyTorch composition of CLIPSelf's dense read-out, all parameters random.
@Suite("Parity: image towers")
struct VisionTransformerParityTests {
    static let models = [
        "model-patch8-gelu", "model-patch14-quickgelu-layerscale", "model-no-ln-pre-average", "model-head64-average",
    ]

    let backend = CPUBackend(threadCount: 2)

    func model(_ fixture: Fixture) throws -> VisionTransformer {
        let tree = try fixture.parameters(on: backend)
        let configuration = try ModelConfiguration(json: fixture.metadata("model").utf8).vision
        let read = try VisionTransformer.parameters(of: configuration).map(\.path)
        #expect(Set(read) == Set(tree.paths), "the tower reads exactly what open_clip's has")
        return try VisionTransformer(ParameterScope(TreeSource(tree)), configuration)
    }

    @Test("image features equal open_clip's", arguments: models)
    func imageFeatures(name: String) throws {
        let fixture = try Fixture(name)
        let features = try model(fixture).encodeImage(fixture.tensor("images", on: backend))
        let expected = try fixture.tensor("image_features", on: backend)
        let difference = Difference(features.floats, from: expected.floats)
        print("\(name), image features: \(difference)")
        #expect(features.shape == expected.shape)
        #expect(difference.relative < 1e-4)
        #expect(difference.cosine > 0.99999)
    }

    @Test("dense features equal the value path's composition, on grids native and not", arguments: models)
    func denseFeatures(name: String) throws {
        let fixture = try Fixture(name)
        let dense = try model(fixture).denseFeatures(fixture.tensor("dense_images", on: backend))
        let expected = try fixture.tensor("dense_features", on: backend)
        let difference = Difference(dense.tokens.floats, from: expected.floats)
        print("\(name), dense features: \(difference)")
        #expect(dense.tokens.shape == expected.shape)
        #expect("\(dense.rows) \(dense.columns)" == (try "\(fixture.metadata("rows")) \(fixture.metadata("columns"))"))
        #expect(difference.relative < 1e-4)
        #expect(difference.cosine > 0.99999)
    }
}
