package import Tensors

/// A pre-norm transformer block: attention and MLP, each on a residual branch.
package struct ResidualAttentionBlock {
    package let attentionNorm: LayerNorm
    package let attention: MultiHeadAttention
    package let attentionScale: LayerScale?
    package let mlpNorm: LayerNorm
    package let mlp: MLP
    package let mlpScale: LayerScale?

    /// Sizes and choices that all blocks of a tower share.
    package struct Configuration: Hashable, Sendable {
        package var channels: Int
        package var headCount: Int
        package var hidden: Int
        package var activation: Activation
        /// Whether a token attends to itself and those before it only, as in a text tower.
        package var isCausal: Bool
        package var normEpsilon: Float
        /// Start value of both layer scales; nil leaves them out.
        package var layerScale: Float?
        /// Blocks in the tower: the deeper it is, the smaller the branches start.
        package var depth: Int

        package init(
            channels: Int,
            headCount: Int,
            hidden: Int,
            activation: Activation = .gelu,
            isCausal: Bool = false,
            normEpsilon: Float = 1e-5,
            layerScale: Float? = nil,
            depth: Int
        ) {
            self.channels = channels
            self.headCount = headCount
            self.hidden = hidden
            self.activation = activation
            self.isCausal = isCausal
            self.normEpsilon = normEpsilon
            self.layerScale = layerScale
            self.depth = depth
        }
    }

    package init(_ scope: ParameterScope, _ configuration: Configuration) throws {
        let channels = configuration.channels
        func norm(_ name: String) throws -> LayerNorm {
            try LayerNorm(scope(name), channels: channels, epsilon: configuration.normEpsilon)
        }
        func scale(_ name: String) throws -> LayerScale? {
            try configuration.layerScale.map {
                try LayerScale(scope(name), channels: channels, initialValue: $0)
            }
        }
        attentionNorm = try norm("ln_1")
        attention = try MultiHeadAttention(
            scope("attn"),
            channels: channels,
            headCount: configuration.headCount,
            isCausal: configuration.isCausal,
            residualDepth: 2 * configuration.depth
        )
        attentionScale = try scale("ls_1")
        mlpNorm = try norm("ln_2")
        mlp = try MLP(
            scope("mlp"),
            channels: channels,
            hidden: configuration.hidden,
            activation: configuration.activation,
            residualDepth: 2 * configuration.depth
        )
        mlpScale = try scale("ls_2")
    }

    /// `[B, T, C]` → `[B, T, C]`
    ///
    /// - Parameter tokens: whose results are wanted, if not all: `[B, T, C]` → `[B, tokens, C]`. The others are looked
    ///   at, but go through neither output projection nor MLP, which are three quarters of a block's work.
    package func callAsFunction(_ x: Tensor, for tokens: Range<Int>? = nil) -> Tensor {
        let mixed = scaled(attention(attentionNorm(x), for: tokens), by: attentionScale)
        return addingMLP(to: (tokens.map { x.sliced(axis: 1, $0) } ?? x) + mixed)
    }

    /// `[B, T, C]` → `[N, C]`: the results of single tokens, numbered through all B·T; the others are looked at only.
    package func callAsFunction(_ x: Tensor, atRows rows: [Int32]) -> Tensor {
        let residual = x.reshaped(to: [x.shape[0] * x.shape[1], x.shape[2]]).gatheredRows(rows)
        return addingMLP(to: residual + scaled(attention(attentionNorm(x), atRows: rows), by: attentionScale))
    }

    /// The block without attention mixing: each token keeps to itself, residual and MLP stay.
    ///
    /// Right for any subset of tokens, since none looks at another. `[B, T, C]` → `[B, T, C]`
    /// - SeeAlso: `MultiHeadAttention.valuePath(_:)`.
    package func valuePath(_ x: Tensor) -> Tensor {
        addingMLP(to: x + scaled(attention.valuePath(attentionNorm(x)), by: attentionScale))
    }

    func addingMLP(to x: Tensor) -> Tensor {
        x + scaled(mlp(mlpNorm(x)), by: mlpScale)
    }

    func scaled(_ branch: Tensor, by scale: LayerScale?) -> Tensor {
        scale.map { $0(branch) } ?? branch
    }
}
