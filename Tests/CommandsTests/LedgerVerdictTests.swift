import Commands
import Postgres
import Stores
import TestSupport
import Testing

@Suite("Verdicts on the ledger", .temporaryDatabase(.migrated))
struct LedgerVerdictTests {
    @Test("a ledger without violations is sound")
    func honest() async throws {
        let database = try TemporaryDatabase.current.database()
        let verdict = LedgerVerdict(try await LedgerVerifier(database).verify())
        #expect(verdict.isSound)
        #expect(verdict.text.hasSuffix("All \(verdict.invariants.count) invariants hold."))
    }

    @Test("damage is reported under the invariant's name, with the rows")
    func damaged() async throws {
        let database = try TemporaryDatabase.current.database()
        let run = try await SmallRun.create(in: database)
        let before = LedgerVerdict(try await LedgerVerifier(database).verify())
        #expect(before.text.contains(/step_composition +ok/))
        try await database.execute("DELETE FROM stillhouse.job WHERE step = 1 AND ordinal = 1")
        let after = LedgerVerdict(try await LedgerVerifier(database).verify())
        #expect(!after.isSound)
        #expect(after.text.contains(/step_composition +VIOLATED/))
        #expect(after.text.contains("\"run_id\": \(run)"))
    }

    @Test("a run has the same history as itself, and an unknown run is an error")
    func comparison() async throws {
        let database = try TemporaryDatabase.current.database()
        _ = try await SmallRun.create(in: database)
        var verdict = LedgerVerdict([])
        verdict.comparison = try await HistoryComparison.read(database, "small", "small")
        #expect(verdict.isSound)
        #expect(verdict.text.contains("small and small are equal in all 1 versions"))
        await #expect(throws: StoreError.runUnknown(name: "other")) {
            try await HistoryComparison.read(database, "small", "other")
        }
    }
}
