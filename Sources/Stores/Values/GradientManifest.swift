import Postgres

/// A submitted gradient as the aggregator finds it in the ledger.
package struct GradientManifest: Hashable, Sendable {
    package let job: JobID
    package let attempt: Int
    package let ordinal: Int
    package let samples: Int
    package let units: Int
    package let partCount: Int
    /// SHA-256 of the parts' digests, one after the other.
    package let digest: [UInt8]
    package let loss: Double
    package let terms: [String: GradientSubmission.Term]
    package let norm: Double

    init(_ row: Row) throws(PostgresError) {
        job = try row.decode("job_id")
        attempt = try row.decode("attempt")
        ordinal = try row.decode("ordinal")
        samples = try row.decode("samples")
        units = try row.decode("units")
        partCount = try row.decode("n_parts")
        digest = try row.decode("digest")
        loss = try row.decode("loss")
        terms = try row.decode("terms", as: JSON<[String: GradientSubmission.Term]>.self).value
        norm = try row.decode("norm")
    }
}
