import AggregatorRole
import Objectives
import Postgres
import Stores
import TestSupport
import Testing

/// A run whose metrics show a collapse stops, and says why.
@Suite(.temporaryDatabase(.migrated)) struct CollapseGuardTests {
    @Test("the run is blocked with the sign when it has held for the window, also by an aggregator that has just begun")
    func blocks() async throws {
        let database = try TemporaryDatabase.current.database()
        // 50 versions of grace, then 10 that show the sign.
        let watch = CollapseWatch(prototypes: 8, updates: 80, heldUpdates: 0)
        let run = try await MovingRun("flat", in: database, steps: 80, watch: watch)
        try await run.train(to: 55, by: run.aggregation())
        // Its successor knows of the five before from the database.
        let head = try await run.trainToStandstill(by: run.aggregation())
        #expect(head.state == .blocked)
        #expect(head.number == 60)
        #expect(head.reason?.hasPrefix("feature_collapse: ") == true, "\(head.reason ?? "no reason")")
        try await run.expectHonoured()
        await database.close()
    }

    @Test("nobody watches a run whose objective does not ask for it")
    func unwatched() async throws {
        let database = try TemporaryDatabase.current.database()
        let run = try await MovingRun("plain", in: database)
        #expect(try await run.trainToStandstill(by: run.aggregation()).state == .finished)
        await database.close()
    }
}
