import Objectives

extension Recipe {
    /// Pairs that a full contrastive set has; nil where samples are not compared with each other.
    package var contrastiveBatch: Int? {
        guard case .silc(let configuration) = objective else { return nil }
        return configuration.negatives == .global ? imagesPerUpdate : aggregation.imagesPerJob
    }

    /// Whether the jobs of a step publish embeddings before any of them computes a gradient.
    package var hasEmbedPhase: Bool {
        guard case .silc(let configuration) = objective else { return false }
        return configuration.negatives == .global
    }

    /// Positions that an epoch of a data set of `count` samples has.
    ///
    /// Chance depends on the size of a contrastive set, so all sets have one size: what is left over at an epoch's end stays
    /// out of that epoch, and the next permutation leaves out other samples.
    /// - Returns: 0 where the data set has less than one contrastive set.
    package func epochSamples(of count: Int) -> Int {
        contrastiveBatch.map { count / $0 * $0 } ?? count
    }
}
