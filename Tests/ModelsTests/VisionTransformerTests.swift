import Configs
import Layers
import Models
import Tensors
import Testing

@Suite("VisionTransformer")
struct VisionTransformerTests {
    let backend = CPUBackend(threadCount: 1)

    func tiny() throws -> VisionTransformer.Configuration {
        try ModelConfiguration(json: try #require(Presets.models["stillhouse-tiny"])).vision
    }

    func model(_ configuration: VisionTransformer.Configuration) throws -> VisionTransformer {
        try VisionTransformer(ParameterScope(InitializingSource(seed: 1, on: backend)), configuration)
    }

    func images(_ shape: Shape) -> Tensor {
        let random = RandomGenerator(run: 4, epoch: 0, sample: 0, view: 0)
        return Tensor((0..<shape.count).map { Float(random.normal(at: $0)) }, shape, on: backend)
    }

    @Test("parameters have open_clip's keys and shapes")
    func keys() throws {
        let parameters = try VisionTransformer.parameters(of: tiny())
        let shapes = Dictionary(uniqueKeysWithValues: parameters.map { ($0.path, $0.shape) })
        #expect(parameters.count == 2 + 1 + 2 + 2 * 12 + 2 + 1)
        #expect(shapes["visual.class_embedding"] == [64])
        #expect(shapes["visual.positional_embedding"] == [17, 64])
        #expect(shapes["visual.conv1.weight"] == [64, 3, 8, 8])
        #expect(shapes["visual.ln_pre.weight"] == [64])
        #expect(shapes["visual.transformer.resblocks.1.attn.in_proj_weight"] == [192, 64])
        #expect(shapes["visual.transformer.resblocks.1.attn.in_proj_bias"] == [192])
        #expect(shapes["visual.transformer.resblocks.0.attn.out_proj.weight"] == [64, 64])
        #expect(shapes["visual.transformer.resblocks.0.mlp.c_fc.weight"] == [128, 64])
        #expect(shapes["visual.transformer.resblocks.0.mlp.c_proj.bias"] == [64])
        #expect(shapes["visual.ln_post.bias"] == [64])
        #expect(shapes["visual.proj"] == [64, 32])
    }

    @Test("layer scales and the missing first norm show in the keys")
    func optionalKeys() throws {
        var configuration = try tiny()
        configuration.layerScale = 0.1
        configuration.hasPreNorm = false
        let paths = Set(try VisionTransformer.parameters(of: configuration).map(\.path))
        #expect(paths.contains("visual.transformer.resblocks.1.ls_2.gamma"))
        #expect(!paths.contains("visual.ln_pre.weight"))
    }

    @Test("listing ViT-L-14's parameters allocates none of them and counts what the paper's model has")
    func large() throws {
        let configuration = try ModelConfiguration(json: try #require(Presets.models["ViT-L-14-quickgelu"])).vision
        let parameters = try VisionTransformer.parameters(of: configuration)
        #expect(parameters.reduce(0) { $0 + $1.shape.count } == 303_966_208)
    }

    @Test("an image becomes one vector, alone or in a batch")
    func encodeImage() throws {
        let model = try model(tiny())
        let batch = images([3, 3, 32, 32])
        let features = model.encodeImage(batch)
        #expect(features.shape == [3, 32])
        let alone = model.encodeImage(batch.sliced(axis: 0, 1..<2)).floats
        #expect(zip(features.floats[32..<64], alone).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("dense features are unit vectors on the image's own grid, square or not")
    func denseFeatures() throws {
        let model = try model(tiny())
        let dense = model.denseFeatures(images([2, 3, 24, 48]))
        #expect(dense.grid == Grid(rows: 3, columns: 6))
        #expect(dense.tokens.shape == [2, 18, 32])
        let tokens = dense.tokens.floats
        for token in 0..<36 {
            let square = tokens[token * 32..<(token + 1) * 32].reduce(0) { $0 + $1 * $1 }
            #expect(abs(square - 1) < 1e-5)
        }
    }

    @Test("with one block a patch's dense feature depends on that patch alone")
    func noMixing() throws {
        var configuration = try tiny()
        configuration.layers = 1
        let model = try model(configuration)
        var pixels = images([1, 3, 32, 32]).floats
        let before = model.denseFeatures(Tensor(pixels, [1, 3, 32, 32], on: backend)).tokens.floats
        pixels[0] += 5  // in patch 0
        let after = model.denseFeatures(Tensor(pixels, [1, 3, 32, 32], on: backend)).tokens.floats
        #expect(before[..<32] != after[..<32])
        #expect(before[32...] == after[32...])
    }

    @Test("the dense path leaves the last block's queries and keys, and the class token's last residual, unread")
    func unusedInDensePath() throws {
        let configuration = try tiny()
        let recorder = RecordingSource(InitializingSource(seed: 1, on: backend))
        _ = try VisionTransformer(ParameterScope(recorder), configuration)
        let layout = try VisionTransformer.trainableLayout(
            of: configuration,
            unlockedGroups: configuration.layers + 2,
            includesUnusedQK: true
        )
        let trained = try ValueAndGradient(recorder.tree, trains: layout)
        let model = try VisionTransformer(ParameterScope(TreeSource(trained.parameters)), configuration)
        let (_, gradient) = try trained {
            let tokens = model.denseFeatures(images([1, 3, 24, 32])).tokens
            return (tokens * images(tokens.shape)).sum()
        }
        for (index, slice) in layout.slices.enumerated() {
            let values = gradient[layout.range(of: index)]
            if slice.path.hasSuffix("resblocks.1.attn.in_proj_weight") {
                #expect(values.prefix(2 * 64 * 64).allSatisfy { $0 == 0 })
                #expect(values.suffix(64 * 64).contains { $0 != 0 })
            } else {
                #expect(values.contains { $0 != 0 }, "\(slice.path)")
            }
        }
    }

    @Test("frozen parameters do not change the gradient of the others")
    func frozen() throws {
        let configuration = try tiny()
        let recorder = RecordingSource(InitializingSource(seed: 1, on: backend))
        _ = try VisionTransformer(ParameterScope(recorder), configuration)
        func gradient(unlockedGroups: Int) throws -> [Float] {
            let layout = try VisionTransformer.trainableLayout(of: configuration, unlockedGroups: unlockedGroups)
            let trained = try ValueAndGradient(recorder.tree, trains: layout)
            let model = try VisionTransformer(ParameterScope(TreeSource(trained.parameters)), configuration)
            let tokens = images([1, 16, 32])
            return try trained { (model.denseFeatures(images([1, 3, 32, 32])).tokens * tokens).sum() }.gradient
        }
        let last = try gradient(unlockedGroups: 1)
        let both = try gradient(unlockedGroups: 2)
        #expect(!last.isEmpty && last == Array(both.suffix(last.count)))
    }
}
