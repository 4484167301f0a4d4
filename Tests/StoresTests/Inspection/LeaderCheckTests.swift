import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of leaders", .temporaryDatabase(.migrated))
struct LeaderCheckTests {
    private func prepare() async throws -> Ledger {
        let ledger = try await Ledger()
        try await TemporaryDatabase.current.connection().script(
            """
            CREATE TABLE IF NOT EXISTS stillhouse.leader (
                name text PRIMARY KEY, session uuid NOT NULL, term bigint NOT NULL, host text NOT NULL,
                started_at timestamptz NOT NULL, expires_at timestamptz NOT NULL
            );
            DELETE FROM stillhouse.leader;
            """
        )
        return ledger
    }

    @Test("a run without leaders is worth a warning for each, and leases that hold none")
    func leases() async throws {
        let ledger = try await prepare()
        let check = LeaderCheck(ledger.database)
        let absent = try await check.findings()
        #expect(absent.map(\.object) == ["aggregator of run small", "coordinator"])
        #expect(absent.allSatisfy { $0.severity == .warning && $0.found == "nobody leads" })
        #expect(absent.map(\.remedy) == ["stillhouse aggregator start", "stillhouse coordinator start"])

        try await ledger.database.execute(
            """
            INSERT INTO stillhouse.leader (name, session, term, host, started_at, expires_at)
            SELECT name, gen_random_uuid(), 7, 'kiln', clock_timestamp(), clock_timestamp() + interval '1 hour'
            FROM unnest(ARRAY['coordinator', 'aggregator:' || \(ledger.run)::bigint]) AS name
            """
        )
        #expect(try await check.findings().map(\.found) == ["leads on kiln, term 7", "leads on kiln, term 7"])

        try await ledger.database.execute(
            "UPDATE stillhouse.leader SET expires_at = clock_timestamp() - interval '1 hour' WHERE name = 'coordinator'"
        )
        let expired = try #require(try await check.findings()["coordinator"])
        #expect(expired.severity == .warning)
        #expect(expired.found == "its lease ran out 3600 s ago")
    }

    @Test("nobody need lead when no run goes on")
    func over() async throws {
        let ledger = try await prepare()
        try await ledger.runs.cancel(ledger.run, reason: "enough")
        #expect(try await LeaderCheck(ledger.database).findings() == [])
    }
}
