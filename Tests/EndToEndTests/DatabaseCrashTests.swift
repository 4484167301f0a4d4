import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// What the coordinator does when the database loses its UNLOGGED tables together with the aggregator.
@Suite(.temporaryDatabase(.migrated)) struct DatabaseCrashTests {
    @Test("a run that lost its head and its aggregator goes back to its last durable version and ends in the same bits")
    func sameBits() async throws {
        let fleet = try await Fleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await fleet.createRun("calm")
        let calmRoles = [try fleet.worker(calm), try fleet.start(["aggregator", "start", "--run", calm.name])]
        let calmEnd = try await fleet.lastVersion(of: calm)

        let crashed = try await fleet.createRun("crashed")
        let worker = try fleet.worker(crashed)
        let victim = try fleet.start(["aggregator", "start", "--run", crashed.name], fault: "aggregator.published:5")
        try await eventually("five versions are out and the aggregator is stopped") {
            _ = try await RunStore(fleet.database).head(of: crashed.id)
            return victim.isStopped
        }
        victim.signal(SIGKILL)
        #expect(await victim.exitStatus() == -SIGKILL)

        try await fleet.database.loseUnloggedTables()
        try await eventually("the coordinator has taken the run back") {
            try await RunStore(fleet.database).head(of: crashed.id)?.number == 0
        }
        let last = try fleet.start(["aggregator", "start", "--run", crashed.name])
        let end = try await fleet.lastVersion(of: crashed)
        #expect(end.update.chainDigest == calmEnd.update.chainDigest)
        let events = try await EventStore(fleet.database).list(of: crashed.id).map(\.kind)
        #expect(events.contains("database_crashed"))
        #expect(events.contains("run_rewound"))
        for role in calmRoles + [worker, last] { #expect(await role.exitStatus() == 0, "\(role.text)") }
        #expect(coordinator.text.contains("run rewound"))
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }
}
