package import Layers
package import Tensors

/// CLIP's image tower as open_clip builds it; parameter paths are open_clip's keys below `visual`.
///
/// - SeeAlso: Radford et al. 2021, arXiv:2103.00020, section 2.4; Dosovitskiy et al. 2021, arXiv:2010.11929.
package struct VisionTransformer {
    package let configuration: Configuration
    package let patchEmbed: PatchEmbed
    package let classToken: Tensor  // [D]
    package let positions: PositionEmbedding
    package let preNorm: LayerNorm?
    package let blocks: [ResidualAttentionBlock]
    package let postNorm: LayerNorm
    package let projection: Tensor  // [D, E]

    /// - Parameter root: the scope in which `visual` stands, that is, the top of an open_clip checkpoint.
    package init(_ root: ParameterScope, _ configuration: Configuration) throws {
        let scope = root("visual")
        let width = configuration.width
        let deviation = 1 / Double(width).squareRoot()
        self.configuration = configuration
        patchEmbed = try PatchEmbed(scope("conv1"), channels: width, patchSize: configuration.patchSize)
        classToken = try scope.parameter("class_embedding", [width], .normal(deviation: deviation))
        positions = try PositionEmbedding(
            scope,
            name: "positional_embedding",
            grid: configuration.grid,
            channels: width
        )
        func norm(_ name: String) throws -> LayerNorm {
            try LayerNorm(scope(name), channels: width, epsilon: configuration.normEpsilon)
        }
        preNorm = configuration.hasPreNorm ? try norm("ln_pre") : nil
        blocks = try (0..<configuration.layers).map { index in
            try ResidualAttentionBlock(scope("transformer")("resblocks")(index), configuration.block)
        }
        postNorm = try norm("ln_post")
        projection = try scope.parameter(
            "proj",
            [width, configuration.embeddingSize],
            .normal(deviation: deviation)
        )
    }

    /// Tokens as the first block receives them: `[B, 3, H, W]` → `[B, 1 + rows·columns, D]`, the class token first.
    func embed(_ images: Tensor) -> (tokens: Tensor, grid: Grid) {
        precondition(images.shape.rank == 4 && images.shape[1] == 3, "images are [B, 3, H, W], not \(images.shape)")
        let grid = Grid(
            rows: images.shape[2] / configuration.patchSize,
            columns: images.shape[3] / configuration.patchSize
        )
        let tokens = patchEmbed(images)  // [B, N, D]
            .prepending(token: classToken)  // [B, 1 + N, D]
            .adding(positions: positions(grid))
        return (preNorm.map { $0(tokens) } ?? tokens, grid)
    }
}
