/// A sample that a worker left out, and why.
///
/// Undecodable bytes are found by every worker for itself, alike on every machine. A quarantined sample was found by
/// bisecting a job that failed repeatedly; jobs of that step and later leave it out unseen.
package struct BadSample: Hashable, Sendable, Codable {
    package let sampleID: Int64
    /// Its name in the dataset, usually a relative path.
    package let key: String
    package let reason: String
    package let isQuarantined: Bool

    package init(sampleID: Int64, key: String, reason: String, isQuarantined: Bool = false) {
        (self.sampleID, self.key, self.reason, self.isQuarantined) = (sampleID, key, reason, isQuarantined)
    }

    private enum CodingKeys: String, CodingKey {
        case sampleID = "sample_id"
        case key
        case reason
        case isQuarantined = "is_quarantined"
    }
}
