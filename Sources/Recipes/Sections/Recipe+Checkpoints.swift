extension Recipe {
    /// Which versions of the weights outlive their successors.
    package struct Checkpoints: Codable, Hashable, Sendable {
        /// A durable checkpoint, with optimizer moments, every so many versions.
        package var everyVersions: Int
        /// Durable checkpoints kept, newest first.
        package var keepDurable: Int
        /// Ordinary versions kept for workers and pulls, newest first.
        package var keepVersions: Int

        package init(everyVersions: Int, keepDurable: Int, keepVersions: Int) {
            self.everyVersions = everyVersions
            self.keepDurable = keepDurable
            self.keepVersions = keepVersions
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case everyVersions = "every_versions"
            case keepDurable = "keep_durable"
            case keepVersions = "keep_versions"
        }
    }
}
