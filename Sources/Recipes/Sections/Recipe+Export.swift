extension Recipe {
    /// The file that ships: `alpha · student + (1 − alpha) · start weights`, where trained; never fed back.
    package struct Export: Codable, Hashable, Sendable {
        /// 0.7 for B/16 and 0.95 for L/14 in the paper; 1 and more exports the student as it is.
        package var alpha: Double

        package init(alpha: Double) {
            self.alpha = alpha
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case alpha
        }
    }
}
