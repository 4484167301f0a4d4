import Layers
package import Tensors

extension VisionTransformer {
    /// One vector an image for comparison with text or with a region, not normalised.
    ///
    /// - Parameter images: `[B, 3, H, W]`, normalised by CLIP's mean and deviation; sides are multiples of the patch.
    /// - Returns: `[B, E]`
    package func encodeImage(_ images: Tensor) -> Tensor {
        let (embedded, grid) = embed(images)
        let batch = images.shape[0]
        switch configuration.pooling {
        case .classToken:
            // Nobody reads what the last block makes of the other tokens, and a norm acts on each token alone.
            let mixed = blocks.dropLast().reduce(embedded) { $1($0) }  // [B, 1 + N, D]
            let token = blocks.last.map { $0(mixed, for: 0..<1) } ?? mixed.sliced(axis: 1, 0..<1)  // [B, 1, D]
            return postNorm(token.reshaped(to: [batch, configuration.width])).matmul(projection)
        case .average:
            let tokens = patchTokens(of: blocks.reduce(embedded) { $1($0) })  // [B, N, D]
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
