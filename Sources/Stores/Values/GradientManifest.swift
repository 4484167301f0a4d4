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
    /// Of the mean, as the worker computed it.
    package let norm: Double
    /// What it is multiplied by in the sum: below 1 where the gate has clipped it.
    package var scale = 1.0

    package init(
        job: JobID,
        attempt: Int,
        ordinal: Int,
        samples: Int,
        units: Int,
        partCount: Int,
        digest: [UInt8],
        loss: Double,
        terms: [String: GradientSubmission.Term] = [:],
        norm: Double
    ) {
        (self.job, self.attempt, self.ordinal) = (job, attempt, ordinal)
        (self.samples, self.units, self.partCount) = (samples, units, partCount)
        (self.digest, self.loss, self.terms, self.norm) = (digest, loss, terms, norm)
    }

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
