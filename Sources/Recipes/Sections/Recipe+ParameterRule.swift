extension Recipe {
    /// What holds for the parameters whose path matches a glob pattern; what a rule leaves out keeps its usual value.
    package struct ParameterRule: Codable, Hashable, Sendable {
        /// `*` stands for text within one name, `**` for any text: `visual.transformer.resblocks.*.mlp.**`.
        package var pattern: String
        /// false freezes what the objective would train; true never unlocks what it keeps frozen.
        package var trains: Bool?
        package var learningRateScale: Double?
        package var weightDecay: Double?

        package init(
            pattern: String,
            trains: Bool? = nil,
            learningRateScale: Double? = nil,
            weightDecay: Double? = nil
        ) {
            self.pattern = pattern
            self.trains = trains
            self.learningRateScale = learningRateScale
            self.weightDecay = weightDecay
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case pattern, trains
            case learningRateScale = "learning_rate_scale"
            case weightDecay = "weight_decay"
        }
    }
}
