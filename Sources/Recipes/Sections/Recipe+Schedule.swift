extension Recipe {
    /// Linear warm-up, then half a cosine to zero, over a fixed number of updates.
    ///
    /// An update here is `images_per_update` applied images, so a partial batch moves the schedule by its share only.
    package struct Schedule: Codable, Hashable, Sendable {
        /// Peak learning rate, reached at the end of the warm-up.
        package var learningRate: Double
        package var warmupUpdates: Int
        /// Length of the run.
        package var updates: Int

        package init(learningRate: Double, warmupUpdates: Int, updates: Int) {
            self.learningRate = learningRate
            self.warmupUpdates = warmupUpdates
            self.updates = updates
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case learningRate = "learning_rate"
            case warmupUpdates = "warmup_updates"
            case updates
        }
    }
}
