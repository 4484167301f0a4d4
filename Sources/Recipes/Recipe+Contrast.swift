import Objectives

extension Recipe {
    /// Pairs that a full contrastive set has; nil where samples are not compared with each other.
    package var contrastiveBatch: Int? { objective.silc.map(contrastiveBatch) }

    func contrastiveBatch(_ silc: SILC.Configuration) -> Int {
        silc.negatives == .global ? imagesPerUpdate : aggregation.imagesPerJob
    }

    /// Whether the jobs of a step publish embeddings before any of them computes a gradient.
    package var hasEmbedPhase: Bool {
        objective.silc?.negatives == .global
    }

    /// Positions that an epoch of a data set of `count` samples has.
    ///
    /// Chance depends on the size of a contrastive set, so all sets have one size: what is left over at an epoch's end stays
    /// out of that epoch, and the next permutation leaves out other samples.
    /// - Throws: `RecipeError.invalid` where the data set has less than one contrastive set.
    package func checkedEpochSamples(of count: Int) throws(RecipeError) -> Int {
        guard let batch = contrastiveBatch else { return count }
        guard count >= batch else {
            let problem = SettingProblem(
                key: "aggregation",
                value: "\(batch) pairs to compare with each other",
                allowed: "no more than the data set has: \(count)"
            )
            throw .invalid(recipe: name, problems: [problem])
        }
        return count / batch * batch
    }
}
