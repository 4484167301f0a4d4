/// A sample whose bytes cannot be decoded; workers leave it out, alike on every machine, and report it.
package struct BadSample: Hashable, Sendable, Codable {
    package let sampleID: Int64
    /// Its name in the dataset, usually a relative path.
    package let key: String
    package let reason: String

    package init(sampleID: Int64, key: String, reason: String) {
        (self.sampleID, self.key, self.reason) = (sampleID, key, reason)
    }

    private enum CodingKeys: String, CodingKey {
        case sampleID = "sample_id"
        case key
        case reason
    }
}
