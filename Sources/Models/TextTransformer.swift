package import Layers
package import Tensors

/// CLIP's text tower as open_clip builds it; parameter paths are open_clip's, at the top level of a checkpoint.
///
/// - SeeAlso: Radford et al. 2021, arXiv:2103.00020, section 2.4.
package struct TextTransformer {
    package let configuration: Configuration
    package let tokenEmbedding: Tensor  // [V, D]
    package let positions: Tensor  // [context, D]
    package let blocks: [ResidualAttentionBlock]
    package let finalNorm: LayerNorm
    package let projection: Tensor  // [D, E]

    /// Starts by OpenAI's rule: token table 0.02, positions 0.01, projection width^-1/2, blocks as in `MLP`.
    ///
    /// - Parameter root: the top of an open_clip checkpoint.
    package init(_ root: ParameterScope, _ configuration: Configuration) throws {
        let width = configuration.width
        self.configuration = configuration
        tokenEmbedding = try root("token_embedding").parameter(
            "weight",
            [configuration.vocabularySize, width],
            .normal(deviation: 0.02)
        )
        positions = try root.parameter(
            "positional_embedding",
            [configuration.contextLength, width],
            .normal(deviation: 0.01)
        )
        blocks = try (0..<configuration.layers).map { index in
            try ResidualAttentionBlock(root("transformer")("resblocks")(index), configuration.block)
        }
        finalNorm = try LayerNorm(root("ln_final"), channels: width, epsilon: configuration.normEpsilon)
        projection = try root.parameter(
            "text_projection",
            [width, configuration.embeddingSize],
            .normal(deviation: 1 / Double(width).squareRoot())
        )
    }

    /// What the tower reads, in the canonical order: tokens, positions, blocks, final norm, projection.
    package static func parameters(of configuration: Configuration) throws -> [Parameter] {
        try Parameter.all { try TextTransformer($0, configuration) }
    }

    /// One vector a text for comparison with images, not normalised, read off where the text first ends.
    ///
    /// No token looks at what follows it, so only the tokens up to the batch's last end are computed, and a text's
    /// vector has equal bits in any batch.
    /// - Parameter tokens: B rows of at most `contextLength` tokens, each with the end of text in it.
    /// - Returns: `[B, E]`
    package func encodeText(_ tokens: [[Int32]], on backend: any Backend) -> Tensor {
        let end = configuration.endOfText
        let ends = tokens.map { row in
            guard let place = row.firstIndex(of: end), place < configuration.contextLength else {
                preconditionFailure("a row of tokens has no end of text within \(configuration.contextLength)")
            }
            return place
        }
        guard let last = ends.max() else { return Tensor([], [0, configuration.embeddingSize], on: backend) }
        let length = last + 1
        let ids = tokens.flatMap { row in row.prefix(length) + repeatElement(0, count: max(length - row.count, 0)) }
        var x = tokenEmbedding.gatheredRows(ids)  // [B·T, D]
            .reshaped(to: [tokens.count, length, configuration.width])
            .adding(positions: positions.sliced(axis: 0, 0..<length))  // [B, T, D]
        x = blocks.dropLast().reduce(x) { $1($0) }
        // Nobody reads what the last block makes of the other tokens, and a norm acts on each token alone.
        let rows = ends.enumerated().map { Int32($0.offset * length + $0.element) }
        let pooled =
            blocks.last.map { $0(x, atRows: rows) }
            ?? x.reshaped(to: [tokens.count * length, configuration.width]).gatheredRows(rows)  // [B, D]
        return finalNorm(pooled).matmul(projection)
    }
}
