import Postgres

/// How far the step is that makes the next version.
package struct OpenStep: Hashable, Sendable {
    package let step: Int
    package let epoch: Int
    /// Planned, of which undecodable ones will be missing.
    package let samples: Int
    /// The weights that all its jobs start from.
    package let baseVersion: VersionID
    package let jobCount: Int
    package let submittedCount: Int
    package let cancelledCount: Int
    package let deadCount: Int

    /// Nothing more will come: all gradients that there will be are in the ledger.
    package var isComplete: Bool { submittedCount + cancelledCount == jobCount }

    init(_ row: Row) throws(PostgresError) {
        step = try row.decode("step")
        epoch = try row.decode("epoch")
        samples = try row.decode("samples")
        baseVersion = try row.decode("version_id")
        jobCount = try row.decode("n_jobs")
        submittedCount = try row.decode("submitted")
        cancelledCount = try row.decode("cancelled")
        deadCount = try row.decode("dead")
    }
}
