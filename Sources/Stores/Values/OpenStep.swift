import Postgres

/// How far the step is that makes the next version.
package struct OpenStep: Hashable, Sendable {
    package let step: Int
    package let epoch: Int
    /// Planned, of which undecodable ones will be missing.
    package let samples: Int
    /// The weights that all its jobs start from.
    package let baseVersion: VersionID
    /// Whether its samples are still being embedded: there is no gradient to be had yet.
    package let isEmbedding: Bool
    /// Embed jobs; zero in a step of one phase.
    package let embedCount: Int
    package let embeddedCount: Int
    package let cancelledEmbedCount: Int
    /// Gradient jobs, as are those that follow.
    package let jobCount: Int
    package let submittedCount: Int
    package let cancelledCount: Int
    /// Of either kind.
    package let deadCount: Int

    /// Nothing more will come: all gradients that there will be are in the ledger.
    package var isComplete: Bool { !isEmbedding && submittedCount + cancelledCount == jobCount }

    /// All that the second phase needs is there.
    package var isEmbedded: Bool { isEmbedding && embeddedCount + cancelledEmbedCount == embedCount }

    init(_ row: Row) throws(PostgresError) {
        step = try row.decode("step")
        epoch = try row.decode("epoch")
        samples = try row.decode("samples")
        baseVersion = try row.decode("version_id")
        isEmbedding = try row.decode("phase", as: Int.self) == 0
        embedCount = try row.decode("n_embeds")
        embeddedCount = try row.decode("embedded")
        cancelledEmbedCount = try row.decode("cancelled_embeds")
        jobCount = try row.decode("n_jobs")
        submittedCount = try row.decode("submitted")
        cancelledCount = try row.decode("cancelled")
        deadCount = try row.decode("dead")
    }
}
