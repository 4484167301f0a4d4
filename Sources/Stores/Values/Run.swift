package import Foundation
import Postgres

/// A training as it was created, with where it stands now.
package struct Run: Sendable {
    package let id: RunID
    package let name: String
    package let createdAt: Date
    package let seed: UInt64
    /// The resolved recipe as JSON. PostgreSQL normalises it: equal in content, not in bytes, to what was stored.
    package let recipe: String
    package let model: String
    package let layout: String
    package let parameterCount: Int
    package let digests: RunDigests
    package let epochSamples: Int
    package let totalSteps: Int
    package let durability: RunDurability
    /// Number of the newest version that outlives a crash of the database.
    package let durableNumber: Int?
    package let head: RunHead

    /// Of each of its gradients; the last one is shorter.
    package var partCount: Int {
        (parameterCount + GradientStore.parametersPerPart - 1) / GradientStore.parametersPerPart
    }

    init(_ row: Row) throws(PostgresError) {
        id = try row.decode("run_id")
        name = try row.decode("name")
        createdAt = try row.decode("created_at")
        seed = UInt64(bitPattern: try row.decode("seed", as: Int64.self))
        recipe = try row.decode("recipe")
        model = try row.decode("model")
        layout = try row.decode("layout")
        parameterCount = try row.decode("parameter_count")
        digests = RunDigests(
            recipe: try row.decode("recipe_digest"),
            layout: try row.decode("layout_digest"),
            dataset: try row.decode("dataset_digest")
        )
        epochSamples = try row.decode("epoch_samples")
        totalSteps = try row.decode("total_steps")
        durability = try row.decode("durability")
        durableNumber = try row.decode("durable_number")
        head = try RunHead(row)
    }
}
