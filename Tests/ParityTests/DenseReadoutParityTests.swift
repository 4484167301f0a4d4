import Layers
import Models
import Tensors
import Testing

/// Against a PyTorch composition of every read-out, written out head by head, on grids that are not square.
@Suite("Parity: dense read-outs")
struct DenseReadoutParityTests {
    static let models = ["readouts-patch7-quickgelu", "readouts-patch8-layerscale"]
    static let readouts = [
        "value-residual", "value-residual/reduced", "value-only", "value-only/full", "qq", "qq/reduced/σ5", "kk",
        "kk/reduced", "kk/full/σ5", "kk/reduced/σ1.5", "qq+kk", "qq+kk/reduced/σ2", "vanilla", "vanilla/reduced",
    ]

    let backend = CPUBackend(threadCount: 2)

    func tower(_ fixture: Fixture) throws -> VisionTransformer {
        let configuration = try ModelConfiguration(json: fixture.metadata("model").utf8).vision
        return try VisionTransformer(ParameterScope(TreeSource(fixture.parameters(on: backend))), configuration)
    }

    @Test("features equal the reference's", arguments: models, readouts)
    func features(model: String, name: String) throws {
        let fixture = try Fixture(model)
        let readout = try DenseReadout(name)
        #expect(readout.description == name)
        let dense = try tower(fixture).denseFeatures(fixture.tensor("images", on: backend), readout: readout)
        let expected = try fixture.tensor("features.\(name)", on: backend)
        let difference = Difference(dense.tokens.floats, from: expected.floats)
        print("\(model), \(name): \(difference)")
        #expect(dense.tokens.shape == expected.shape)
        #expect(difference.largestAbsolute < 1e-5)
        #expect(difference.cosine > 0.9999)
    }

    @Test("keys equal the reference's, raw and projected, and come with the same features", arguments: models)
    func keys(model: String) throws {
        let fixture = try Fixture(model)
        let (tower, images) = (try tower(fixture), try fixture.tensor("images", on: backend))
        for (name, isProjected) in [("keys", false), ("projected_keys", true)] {
            let (features, keys) = tower.denseFeaturesAndKeys(images, readout: .kk, isProjected: isProjected)
            let expected = try fixture.tensor(name, on: backend)
            #expect(keys.shape == expected.shape)
            #expect(Difference(keys.floats, from: expected.floats).largestAbsolute < 1e-5)
            #expect(features.tokens.floats == tower.denseFeatures(images, readout: .kk).tokens.floats)
        }
    }
}
