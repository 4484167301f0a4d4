import Postgres
import Stores
import TestSupport

/// A run to look at.
enum SmallRun {
    /// Two steps of two jobs, the first of them open.
    static func create(in database: Database) async throws -> RunID {
        let digest = [UInt8](repeating: 1, count: 32)
        let run = try await RunStore(database).create(
            NewRun(
                name: "small",
                seed: 1,
                recipe: "{}",
                model: "{}",
                layout: "[]",
                parameterCount: 10,
                digests: RunDigests(recipe: digest, layout: digest, dataset: digest),
                epochSamples: 16,
                totalSteps: 2
            ),
            startingFrom: [],
            update: VersionUpdate(membersDigest: digest, contentDigest: digest, chainDigest: digest)
        )
        let steps = [0, 1].map { StepPlan(step: $0, epoch: 0, jobs: [$0 * 8..<$0 * 8 + 4, $0 * 8 + 4..<$0 * 8 + 8]) }
        try await StepStore(database).plan(steps, of: run, under: Term.held(.coordinator, in: database))
        return run
    }
}
