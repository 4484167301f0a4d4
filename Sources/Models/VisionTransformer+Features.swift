import Layers
package import Tensors

extension VisionTransformer {
    /// One vector an image for comparison with text or with a region, not normalised.
    ///
    /// - Parameter images: `[B, 3, H, W]`, normalised by CLIP's mean and deviation; sides are multiples of the patch.
    /// - Returns: `[B, E]`
    package func encodeImage(_ images: Tensor) -> Tensor {
        let (embedded, grid) = embed(images)
        let tokens = blocks.reduce(embedded) { $1($0) }  // [B, 1 + N, D]
        guard configuration.pooling == .average, !configuration.normalizesAfterPooling else {
            // A norm acts on each token alone, so pooling a class token first gives the same and costs less.
            return postNorm(pooled(tokens, grid)).matmul(projection)
        }
        return pooled(postNorm(tokens), grid).matmul(projection)
    }

    /// `[B, 1 + N, D]` → `[B, D]`
    private func pooled(_ tokens: Tensor, _ grid: Grid) -> Tensor {
        let batch = tokens.shape[0]
        switch configuration.pooling {
        case .classToken:
            return tokens.sliced(axis: 1, 0..<1).reshaped(to: [batch, configuration.width])
        case .average:
            // RoIAlign over all cells of the grid is their mean, and has its gradient.
            let regions = (0..<batch).map { index in
                RegionOfInterest(imageIndex: index, x0: 0, y0: 0, x1: Float(grid.columns), y1: Float(grid.rows))
            }
            return patchTokens(of: tokens).roiAligned(regions, rows: grid.rows, columns: grid.columns)
        }
    }

    /// One unit vector a patch, comparable with text like an image's embedding.
    ///
    /// The last block takes the value path, so each patch speaks for itself, and runs on patch tokens only: none looks
    /// at the class token any more. It never runs the ordinary way beside it.
    /// - Parameter images: as for `encodeImage(_:)`; the grid need be neither native nor square.
    /// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, section 3.1.
    package func denseFeatures(_ images: Tensor) -> DenseFeatures {
        let (embedded, grid) = embed(images)
        let tokens = blocks.dropLast().reduce(embedded) { $1($0) }  // [B, 1 + N, D]
        let patches = patchTokens(of: tokens)  // [B, N, D]
        let last = blocks.last.map { $0.valuePath(patches) } ?? patches
        let features = postNorm(last).matmul(projection)  // [B, N, E]
        return DenseFeatures(tokens: features.l2Normalized(epsilon: 1e-12), grid: grid)
    }

    private func patchTokens(of tokens: Tensor) -> Tensor {
        tokens.sliced(axis: 1, 1..<tokens.shape[1])
    }
}
