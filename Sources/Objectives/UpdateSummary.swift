/// What the jobs of one update came to, beside the gradient.
package struct UpdateSummary: Sendable {
    /// Sums over the update's samples, `[statisticCount]`.
    package var statistics: [Float]
    /// Samples that were really used, and those of a full update.
    package var samples: Int
    package var samplesPerUpdate: Int
    /// Sums with their counts, by name.
    package var terms: [LossTerm]

    package init(statistics: [Float], samples: Int, samplesPerUpdate: Int, terms: [LossTerm]) {
        self.statistics = statistics
        self.samples = samples
        self.samplesPerUpdate = samplesPerUpdate
        self.terms = terms
    }
}
