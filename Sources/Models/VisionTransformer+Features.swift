import Layers
package import Tensors

extension VisionTransformer {
    /// One vector an image for comparison with text or with a region, not normalised.
    ///
    /// - Parameter images: `[B, 3, H, W]`, normalised by CLIP's mean and deviation; sides are multiples of the patch.
    /// - Returns: `[B, E]`
    package func encodeImage(_ images: Tensor) -> Tensor {
        let (embedded, grid) = embed(images)
        return embeddings(ofMixed: blocks.dropLast().reduce(embedded) { $1($0) }, grid)
    }

    /// What the last block and the read-out make of the tokens before it: `[B, 1 + N, D]` → `[B, E]`.
    private func embeddings(ofMixed mixed: Tensor, _ grid: Grid) -> Tensor {
        let batch = mixed.shape[0]
        switch configuration.pooling {
        case .classToken:
            // Nobody reads what the last block makes of the other tokens, and a norm acts on each token alone.
            let token = blocks.last.map { $0(mixed, for: 0..<1) } ?? mixed.sliced(axis: 1, 0..<1)  // [B, 1, D]
            return postNorm(token.reshaped(to: [batch, configuration.width])).matmul(projection)
        case .average:
            let tokens = patchTokens(of: blocks.last.map { $0(mixed) } ?? mixed)  // [B, N, D]
            guard configuration.normalizesAfterPooling else { return mean(postNorm(tokens), grid).matmul(projection) }
            return postNorm(mean(tokens, grid)).matmul(projection)
        }
    }

    /// `[B, N, D]` → `[B, D]`: RoIAlign over all cells of the grid is their mean, and has its gradient.
    private func mean(_ tokens: Tensor, _ grid: Grid) -> Tensor {
        let regions = (0..<tokens.shape[0]).map { index in
            RegionOfInterest(imageIndex: index, x0: 0, y0: 0, x1: Float(grid.columns), y1: Float(grid.rows))
        }
        return tokens.roiAligned(regions, rows: grid.rows, columns: grid.columns)
    }

    /// One unit vector a patch, comparable with text like an image's embedding.
    ///
    /// By default the last block takes the value path, so each patch speaks for itself, and runs on patch tokens only: none
    /// looks at the class token any more. It never runs the ordinary way beside it.
    /// - Parameters:
    ///   - images: as for `encodeImage(_:)`; the grid need be neither native nor square.
    ///   - readout: one with a neighbourhood leaves no history.
    /// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, section 3.1.
    package func denseFeatures(_ images: Tensor, readout: DenseReadout = .valueResidual) -> DenseFeatures {
        let (embedded, grid) = embed(images)
        return denseFeatures(ofMixed: blocks.dropLast().reduce(embedded) { $1($0) }, grid, readout)
    }

    /// Dense features, and the last block's keys, by which patches that look alike are found.
    ///
    /// - Parameter isProjected: whether keys go through the output projection; see `MultiHeadAttention.keys`.
    /// - Returns: features as `denseFeatures(_:readout:)` gives them, and keys `[B, N, D]`, not normalised.
    package func denseFeaturesAndKeys(
        _ images: Tensor,
        readout: DenseReadout = .valueResidual,
        isProjected: Bool
    ) -> (features: DenseFeatures, keys: Tensor) {
        let (embedded, grid) = embed(images)
        let mixed = blocks.dropLast().reduce(embedded) { $1($0) }  // [B, 1 + N, D]
        let patches = patchTokens(of: mixed)  // [B, N, D]
        let keys = blocks.last.map { $0.attention.keys($0.attentionNorm(patches), isProjected: isProjected) } ?? patches
        return (denseFeatures(ofMixed: mixed, grid, readout), keys)
    }

    /// Dense features, and the tokens that they are projected from, for whoever reads more out of a patch.
    ///
    /// - Returns: features as `denseFeatures(_:readout:)` gives them, and tokens `[B, N, D]` behind the final norm.
    package func denseFeaturesAndTokens(
        _ images: Tensor,
        readout: DenseReadout = .valueResidual
    ) -> (features: DenseFeatures, tokens: Tensor) {
        let (embedded, grid) = embed(images)
        let tokens = postNorm(read(blocks.dropLast().reduce(embedded) { $1($0) }, grid, by: readout))
        return (features(of: tokens, grid), tokens)
    }

    private func denseFeatures(
        ofMixed mixed: Tensor,
        _ grid: Grid,
        _ readout: DenseReadout = .valueResidual
    ) -> DenseFeatures {
        features(of: postNorm(read(mixed, grid, by: readout)), grid)
    }

    /// `[B, N, D]` → `[B, N, E]`, unit rows.
    private func features(of tokens: Tensor, _ grid: Grid) -> DenseFeatures {
        DenseFeatures(tokens: tokens.matmul(projection).l2Normalized(epsilon: 1e-12), grid: grid)
    }

    /// What the last block makes of patches: `[B, 1 + N, D]` → `[B, N, D]`.
    private func read(_ mixed: Tensor, _ grid: Grid, by readout: DenseReadout) -> Tensor {
        guard let last = blocks.last else { return patchTokens(of: mixed) }
        if readout == .valueResidual { return last.valuePath(patchTokens(of: mixed)) }
        return last.dense(
            mixed,
            for: 1..<mixed.shape[1],
            mixing: readout.mixing,
            bias: readout.sigma.map { NeighbourhoodBias.tensor(grid: grid, sigma: $0, on: mixed.backend) },
            isReduced: readout.tail == .reduced
        )
    }

    /// Embeddings of all pictures, and dense features of some of them, from one pass through all blocks but the last.
    ///
    /// - Parameters:
    ///   - images: as for `encodeImage(_:)`, which gives the same embeddings.
    ///   - dense: places in the batch whose dense features are wanted, as `denseFeatures(_:)` gives them.
    package func features(_ images: Tensor, dense: Range<Int>) -> (embeddings: Tensor, dense: DenseFeatures) {
        let (embedded, grid) = embed(images)
        let mixed = blocks.dropLast().reduce(embedded) { $1($0) }  // [B, 1 + N, D]
        return (embeddings(ofMixed: mixed, grid), denseFeatures(ofMixed: mixed.sliced(axis: 0, dense), grid))
    }

    private func patchTokens(of tokens: Tensor) -> Tensor {
        tokens.sliced(axis: 1, 1..<tokens.shape[1])
    }
}
