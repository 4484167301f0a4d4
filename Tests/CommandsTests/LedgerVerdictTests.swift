import Commands
import Postgres
import Stores
import TestSupport
import Testing

@Suite("Verdicts on the ledger", .temporaryDatabase(.migrated))
struct LedgerVerdictTests {
    @Test("an honest ledger is sound, a damaged one names the invariant and the rows")
    func damage() async throws {
        let database = try TemporaryDatabase.current.database()
        let honest = LedgerVerdict(try await LedgerVerifier(database).verify())
        #expect(honest.isSound)
        #expect(honest.text.hasSuffix("All \(honest.invariants.count) invariants hold."))
        try await database.execute(
            """
            INSERT INTO stillhouse.version (
                run_id, number, parent_id, step, state, published_at, samples, units, learning_rate,
                members_digest, content_digest, chain_digest
            ) VALUES (
                7, 3, 1, 2, 'published', clock_timestamp(), 0, 0, 0, sha256(''), sha256(''), sha256('')
            )
            """
        )
        let damaged = LedgerVerdict(try await LedgerVerifier(database).verify())
        #expect(!damaged.isSound)
        #expect(damaged.text.contains(/version_numbers_contiguous +VIOLATED\n +\{"run_id": 7\}/))
    }
}
