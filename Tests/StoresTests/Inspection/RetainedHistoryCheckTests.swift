import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of slots and prepared transactions")
struct RetainedHistoryCheckTests {
    @Test("a forgotten slot and a forgotten prepared transaction are found, and their remedies mend them")
    func forgotten() async throws {
        try await SecondServer.with(settings: ["fsync": "off", "max_prepared_transactions": "2"]) { configuration in
            let database = SecondServer.database(configuration)
            let check = RetainedHistoryCheck(database, patience: .zero)
            #expect(try await check.findings().map(\.severity) == [.ok])
            try await database.execute("SELECT pg_create_physical_replication_slot('forgotten', true)")
            let other = PostgresConnection(configuration, logger: TemporaryDatabase.silentLogger)
            try await other.connect()
            for statement in ["BEGIN", "CREATE TABLE half_done ()", "PREPARE TRANSACTION 'it''s half done'"] {
                try await other.execute(Query(unescaped: statement))
            }
            let findings = try await check.findings()
            #expect(
                findings.map(\.object)
                    == ["replication slot forgotten", "prepared transaction it's half done"]
            )
            #expect(findings.allSatisfy { $0.severity == .warning })
            for finding in findings { try await database.execute(Query(unescaped: finding.remedySQL)) }
            #expect(try await check.findings().map(\.severity) == [.ok])
        }
    }
}
