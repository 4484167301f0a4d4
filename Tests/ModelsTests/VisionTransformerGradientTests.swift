import Layers
import Models
import Tensors
import TestSupport
import Testing

@Suite("Gradients of the image tower")
struct VisionTransformerGradientTests {
    static let file = """
        {
            "embed_dim": 3,
            "vision_cfg": {
                "image_size": 4, "patch_size": 2, "width": 4, "head_width": 2, "layers": 2, "mlp_ratio": 1.5,
                "ls_init_value": 1
            }
        }
        """

    func check(
        pooling: VisionTransformer.Configuration.Pooling = .classToken,
        _ features: (VisionTransformer, Tensor) -> Tensor
    ) throws -> GradientCheck {
        var configuration = try ModelConfiguration(json: Self.file.utf8).vision
        configuration.pooling = pooling
        let parameters = try VisionTransformer.parameters(of: configuration)
        var failure: (any Error)?
        // 4 × 6 pixels are 2 × 3 patches, so the position embedding of 2 × 2 is resampled.
        let check = GradientCheck([[1, 3, 4, 6]] + parameters.map(\.shape)) { tensors in
            var tree = ParameterTree()
            for (parameter, tensor) in zip(parameters, tensors.dropFirst()) { tree[parameter.path] = tensor }
            do {
                return features(
                    try VisionTransformer(ParameterScope(TreeSource(tree)), configuration),
                    tensors[0]
                )
            } catch {
                failure = error
                return tensors[0]
            }
        }
        if let failure { throw failure }
        return check
    }

    @Test("dense features have the gradients of finite differences, in every parameter and pixel")
    func dense() throws {
        let check = try check { $0.denseFeatures($1).tokens }
        #expect(check.largestDifference < 1e-6, "\(check.worst)")
    }

    @Test(
        "image features have them too, by class token and by average",
        arguments: [VisionTransformer.Configuration.Pooling.classToken, .average]
    )
    func image(pooling: VisionTransformer.Configuration.Pooling) throws {
        let check = try check(pooling: pooling) { $0.encodeImage($1) }
        #expect(check.largestDifference < 1e-6, "\(check.worst)")
    }
}
