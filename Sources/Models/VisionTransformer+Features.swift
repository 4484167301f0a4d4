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
    /// The last block takes the value path, so each patch speaks for itself, and runs on patch tokens only: none looks
    /// at the class token any more. It never runs the ordinary way beside it.
    /// - Parameter images: as for `encodeImage(_:)`; the grid need be neither native nor square.
    /// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, section 3.1.
    package func denseFeatures(_ images: Tensor) -> DenseFeatures {
        let (embedded, grid) = embed(images)
        return denseFeatures(ofMixed: blocks.dropLast().reduce(embedded) { $1($0) }, grid)
    }

    private func denseFeatures(ofMixed mixed: Tensor, _ grid: Grid) -> DenseFeatures {
        let patches = patchTokens(of: mixed)  // [B, N, D]
        let last = blocks.last.map { $0.valuePath(patches) } ?? patches
        let features = postNorm(last).matmul(projection)  // [B, N, E]
        return DenseFeatures(tokens: features.l2Normalized(epsilon: 1e-12), grid: grid)
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
