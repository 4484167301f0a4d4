extension Recipe {
    /// Where version 0 comes from: exactly one of a checkpoint and a seed.
    package struct Start: Codable, Hashable, Sendable {
        /// Path of a safetensors file (or sharded index) in any layout that can be told by its keys.
        package var weights: String?
        /// Seed of a random initialisation, for trials without weights.
        package var initialize: UInt64?

        package init(weights: String? = nil, initialize: UInt64? = nil) {
            self.weights = weights
            self.initialize = initialize
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case weights, initialize
        }
    }
}
