package import Foundation
import Postgres

/// One immutable state of a model in its run's history.
package struct Version: Hashable, Sendable {
    package let id: VersionID
    package let run: RunID
    package let number: Int
    package let parent: VersionID?
    /// The step whose gradients it applied; none for the start weights.
    package let step: Int?
    package let state: VersionState
    /// Of the aggregator that made it; 0 for start weights.
    package let term: Int
    /// Everything that training needs to go on from it, both moments included, outlives a crash of the database.
    package let isDurable: Bool
    package let createdAt: Date
    package let publishedAt: Date?
    package let update: VersionUpdate

    init(_ row: Row) throws(PostgresError) {
        id = try row.decode("version_id")
        run = try row.decode("run_id")
        number = try row.decode("number")
        parent = try row.decode("parent_id")
        step = try row.decode("step")
        state = try row.decode("state")
        term = try row.decode("term")
        isDurable = try row.decode("durable")
        createdAt = try row.decode("created_at")
        publishedAt = try row.decode("published_at")
        update = VersionUpdate(
            samples: try row.decode("samples"),
            units: try row.decode("units"),
            learningRate: try row.decode("learning_rate"),
            membersDigest: try row.decode("members_digest"),
            contentDigest: try row.decode("content_digest"),
            chainDigest: try row.decode("chain_digest")
        )
    }
}
