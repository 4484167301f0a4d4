package import Layers
package import Tensors

/// Both towers with the temperature that scales their products, and a bias where the model has one.
///
/// - SeeAlso: Radford et al. 2021, arXiv:2103.00020, section 2.4; Zhai et al. 2023 (SigLIP), arXiv:2303.15343, for the
///   bias.
package struct CLIP {
    /// What a model file says of both towers and of the numbers between them.
    package struct Configuration: Hashable, Sendable {
        package var vision: VisionTransformer.Configuration
        package var text: TextTransformer.Configuration
        /// Where the logarithm of the temperature's inverse starts.
        package var logitScale: Float
        /// Where the bias starts; nil in models without one.
        package var logitBias: Float?
    }

    package let configuration: Configuration
    package let vision: VisionTransformer
    package let text: TextTransformer
    /// A scalar: products are multiplied by its exponential.
    package let logitScale: Tensor
    /// A scalar, added to the products.
    package let logitBias: Tensor?

    /// - Parameter root: the top of an open_clip checkpoint.
    package init(_ root: ParameterScope, _ configuration: Configuration) throws {
        self.configuration = configuration
        vision = try VisionTransformer(root, configuration.vision)
        text = try TextTransformer(root, configuration.text)
        logitScale = try root.parameter("logit_scale", [], .constant(configuration.logitScale))
        logitBias = try configuration.logitBias.map { try root.parameter("logit_bias", [], .constant($0)) }
    }

    /// What the model reads, in the canonical order: image tower, text tower, scale, bias.
    package static func parameters(of configuration: Configuration) throws -> [Parameter] {
        try Parameter.all { try CLIP($0, configuration) }
    }
}
