import Foundation
package import Tensors

/// The contrastive loss of a set of image–text pairs, with its gradient in closed form.
///
/// The loss couples all pairs, but each embedding only through its row or column of one matrix. So whoever knows all
/// embeddings can compute the exact gradient of a few pairs, and the shares of any partition of the set add up to the
/// whole: losses, gradients, temperature and bias alike. No graph spans more than a share.
///
/// Letters: B pairs of the set, N own pairs, D embedding; f images, g texts, unit rows; α = exp(t′).
/// - SeeAlso: Radford et al. 2021 (CLIP), arXiv:2103.00020, section 2.3; Zhai et al. 2023 (SigLIP), arXiv:2303.15343,
///   section 3.
package struct ContrastiveLoss: Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// Cross entropy over each row and each column.
        case softmax
        /// Every pair of the matrix by itself, with a bias; divided by B, not B².
        case sigmoid
    }

    /// What some pairs of the set contribute.
    package struct Share: Sendable {
        /// Their part of the set's loss; the parts of a partition add up to it.
        package var loss = 0.0
        /// `[N, D]`: the gradient of the set's loss with respect to the own images, and to the own texts.
        package var images: [Float] = []
        package var texts: [Float] = []
        /// Their parts of the derivatives with respect to t′ and to the bias.
        package var logScale = 0.0
        package var bias = 0.0
        /// Own images for which no text of the set fits better than their own.
        package var hits = 0
    }

    package let kind: Kind

    package init(_ kind: Kind) {
        self.kind = kind
    }

    /// - Parameters:
    ///   - images: `[B, D]`, unit rows without history, as are `texts`.
    ///   - isNegative: whether pair (i, k), i ≠ k, takes part; duplicates do not.
    ///   - logScale: t′.
    ///   - bias: b; ignored by `softmax`.
    ///   - own: the pairs whose share is asked for.
    package func share(
        images: Tensor,
        texts: Tensor,
        logScale: Float,
        bias: Float = 0,
        own: Range<Int>,
        isNegative: @escaping (Int, Int) -> Bool = { _, _ in true }
    ) -> Share {
        precondition(images.shape == texts.shape && images.shape.rank == 2, "as many images as texts of one size")
        precondition(own.lowerBound >= 0 && own.upperBound <= images.shape[0], "own pairs lie within the set")
        let matrix = Similarities(images: images, texts: texts, scale: exp(Double(logScale)), isNegative: isNegative)
        switch kind {
        case .softmax: return softmaxShare(matrix, own)
        case .sigmoid: return sigmoidShare(matrix, Double(bias), own)
        }
    }

    /// E_ik = (p_ik + q_ik − 2δ_ik) / 2B, with p over row i and q over column k.
    private func softmaxShare(_ matrix: Similarities, _ own: Range<Int>) -> Share {
        let count = Double(matrix.count)
        let (rows, columns) = matrix.logSums()
        var share = Share()
        func entry(_ i: Int, _ k: Int, _ cosine: Double) -> Double {
            let logit = matrix.scale * cosine
            return (exp(logit - rows[i]) + exp(logit - columns[k]) - (i == k ? 2 : 0)) / (2 * count)
        }
        share.images = matrix.imageGradients(of: own) { i, k, cosine in
            let value = entry(i, k, cosine)
            share.logScale += value * matrix.scale * cosine
            if i == k { share.loss += (rows[i] + columns[i] - 2 * matrix.scale * cosine) / (2 * count) }
            return value
        } onRow: { isHit in
            share.hits += isHit ? 1 : 0
        }
        share.texts = matrix.textGradients(of: own, entry)
        return share
    }

    /// E_ik = (σ(ℓ_ik) − δ_ik) / B.
    private func sigmoidShare(_ matrix: Similarities, _ bias: Double, _ own: Range<Int>) -> Share {
        let count = Double(matrix.count)
        var share = Share()
        func entry(_ i: Int, _ k: Int, _ cosine: Double) -> Double {
            let logit = matrix.scale * cosine + bias
            return ((1 / (1 + exp(-logit))) - (i == k ? 1 : 0)) / count
        }
        share.images = matrix.imageGradients(of: own) { i, k, cosine in
            let value = entry(i, k, cosine)
            let logit = matrix.scale * cosine + bias
            share.loss += Self.softplus(i == k ? -logit : logit) / count
            share.logScale += value * matrix.scale * cosine
            share.bias += value
            return value
        } onRow: { isHit in
            share.hits += isHit ? 1 : 0
        }
        share.texts = matrix.textGradients(of: own, entry)
        return share
    }

    private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}
