import Postgres
import Stores
import TestSupport
import Testing

@Suite("The journal", .temporaryDatabase(.migrated))
struct EventStoreTests {
    @Test("events are listed newest first, of one run or of all")
    func list() async throws {
        let ledger = try await Ledger()
        let events = EventStore(ledger.database)
        try await events.record("coordinator_started", of: nil, detail: ["build": "1"])
        try await ledger.runs.pause(ledger.run)
        #expect(
            try await events.list().map(\.kind) == [
                "run_paused", "coordinator_started", "leader_changed", "leader_changed", "run_created",
            ]
        )
        #expect(try await events.list(of: ledger.run).map(\.kind) == ["run_paused", "leader_changed", "run_created"])
        #expect(try await events.list(limit: 2).last?.detail == #"{"build": "1"}"#)
    }
}
