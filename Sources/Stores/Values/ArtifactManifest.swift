import Postgres

/// The result of an embed job, as the ledger describes it.
package struct ArtifactManifest: Hashable, Sendable {
    package let job: JobID
    package let attempt: Int
    /// Of the job within its step: rows are put together in this order.
    package let ordinal: Int
    package let samples: Int
    package let partCount: Int
    /// SHA-256 of the parts' digests, one after the other.
    package let digest: [UInt8]

    init(_ row: Row) throws(PostgresError) {
        job = try row.decode("job_id")
        attempt = try row.decode("attempt")
        ordinal = try row.decode("ordinal")
        samples = try row.decode("samples")
        partCount = try row.decode("n_parts")
        digest = try row.decode("digest")
    }
}
