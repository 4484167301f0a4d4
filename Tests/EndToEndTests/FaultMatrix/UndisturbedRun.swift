import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// What a recipe's run ends in when nobody harms it.
enum UndisturbedRun {
    /// The digest of the last version's chain, from one worker on a database of its own.
    static func chainDigest(of recipe: SmallRecipe) async throws -> [UInt8] {
        let temporary = try TemporaryDatabase.current
        let fleet = try await Fleet(at: temporary.configuration, timeScale: 0.1)
        let run = try await fleet.createRun("calm", recipe)
        let roles = [
            try fleet.start(["coordinator", "start"]), try fleet.start(["aggregator", "start", "--run", run.name]),
            try fleet.worker(run, threads: 2),
        ]
        let runs = RunStore(fleet.database)
        while try await runs.head(of: run.id)?.state != .finished { try await Task.sleep(for: .milliseconds(20)) }
        roles[0].signal(SIGTERM)
        for role in roles { #expect(await role.exitStatus() == 0, "\(role.text)") }
        try await fleet.expectHonoured()
        let end = try #require(try await WeightStore(fleet.database).head(of: run.id))
        #expect(end.number == recipe.steps)
        await fleet.database.close()
        try fleet.remove()
        return end.update.chainDigest
    }
}
