import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of dead rows", .temporaryDatabase(.migrated))
struct VacuumCheckTests {
    @Test("dead rows that nobody removed are found, and VACUUM mends it")
    func deadRows() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let check = VacuumCheck(try TemporaryDatabase.current.database(), threshold: 20)
        #expect(try await check.findings().complaints == [])
        // Fewer than autovacuum's own threshold, lest it comes first.
        try await connection.execute("INSERT INTO stillhouse.event (kind) SELECT 'noise' FROM generate_series(1, 30)")
        try await connection.execute("DELETE FROM stillhouse.event")
        try await connection.execute("SELECT pg_stat_force_next_flush()")
        let finding = try #require(try await check.findings()["table event"])
        #expect(finding.severity == .warning)
        #expect(finding.found == "30 dead rows beside 0 live ones, never vacuumed")
        try await connection.script(finding.remedySQL)
        try await connection.execute("SELECT pg_stat_force_next_flush()")
        #expect(try await check.findings().complaints == [])
    }
}
