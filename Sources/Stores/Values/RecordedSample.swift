package import Foundation
import Postgres

/// A bad sample as the ledger keeps it.
package struct RecordedSample: Hashable, Sendable {
    package let sample: BadSample
    /// The first step that leaves it out unseen; nil where every worker finds for itself that it cannot be decoded.
    package let fromStep: Int?
    /// The job that met it.
    package let job: JobID
    /// Who reported it, by the number that people see; nil when that session is forgotten.
    package let workerAlias: Int64?
    package let at: Date

    init(_ row: Row) throws(PostgresError) {
        fromStep = try row.decode("from_step")
        sample = BadSample(
            sampleID: try row.decode("sample_id"),
            key: try row.decode("key"),
            reason: try row.decode("reason"),
            isQuarantined: fromStep != nil
        )
        job = try row.decode("job_id")
        workerAlias = try row.decode("alias")
        at = try row.decode("at")
    }
}
