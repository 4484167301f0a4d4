package import Layers
package import Tensors

/// Turns an image's embedding into cosines with K learned prototypes: what student and teacher of SILC compare.
///
/// Three linear layers down to a bottleneck, unit length, then K unit rows without bias or gain. All outputs are cosines,
/// so temperatures mean the same whatever the weights.
/// - SeeAlso: Caron et al. 2021 (DINO), arXiv:2104.14294, section 3.1 and appendix C.
package struct DistillationHead {
    package struct Configuration: Hashable, Sendable {
        /// D, the length of an embedding.
        package var inputs: Int
        package var hidden: Int
        package var bottleneck: Int
        /// K
        package var prototypes: Int

        package init(inputs: Int, hidden: Int, bottleneck: Int, prototypes: Int) {
            (self.inputs, self.hidden, self.bottleneck) = (inputs, hidden, bottleneck)
            self.prototypes = prototypes
        }
    }

    /// First name of the head's parameters, which no model file has.
    package static let scope = "distillation_head"
    package static let prototypePath = "\(scope).prototypes"

    package let layers: [Linear]
    package let prototypes: Tensor  // [K, bottleneck]

    /// - Parameter root: the top of the tree.
    package init(_ root: ParameterScope, _ configuration: Configuration) throws {
        let scope = root(Self.scope)
        let sizes = [configuration.inputs, configuration.hidden, configuration.hidden, configuration.bottleneck]
        // DINO truncates the normal at ±2, a hundred deviations away.
        layers = try (0..<3).map { index in
            try Linear(
                scope("layers")(index),
                inputs: sizes[index],
                outputs: sizes[index + 1],
                weight: .normal(deviation: 0.02)
            )
        }
        prototypes = try scope.parameter(
            "prototypes",
            [configuration.prototypes, configuration.bottleneck],
            .fanIn(configuration.bottleneck)
        )
    }

    /// `[..., D]` → `[..., K]`, cosines in [−1, 1].
    package func callAsFunction(_ embeddings: Tensor) -> Tensor {
        let hidden = layers.dropLast().reduce(embeddings) { Activation.gelu($1($0)) }  // [..., hidden]
        let unit = (layers.last.map { $0(hidden) } ?? hidden).l2Normalized()  // [..., bottleneck]
        return unit.linear(weight: prototypes.l2Normalized(), bias: nil)
    }
}
