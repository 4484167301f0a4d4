import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of the sentinel", .temporaryDatabase(.migrated))
struct CrashCheckTests {
    @Test("a sentinel that went with a crash is an error until it stands again")
    func sentinel() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.script(
            """
            CREATE TABLE IF NOT EXISTS stillhouse.database_epoch (epoch bigint NOT NULL);
            CREATE UNLOGGED TABLE IF NOT EXISTS stillhouse.sentinel (
                epoch bigint NOT NULL, installed_at timestamptz NOT NULL DEFAULT clock_timestamp()
            );
            DELETE FROM stillhouse.database_epoch; DELETE FROM stillhouse.sentinel;
            INSERT INTO stillhouse.database_epoch (epoch) VALUES (3);
            """
        )
        let check = CrashCheck(try TemporaryDatabase.current.database())
        let finding = try #require(try await check.findings()["sentinel"])
        #expect(finding.severity == .error)
        #expect(finding.remedy == "stillhouse coordinator start")
        try await connection.execute("INSERT INTO stillhouse.sentinel (epoch) VALUES (3)")
        #expect(try await check.findings() == [.ok("sentinel", "stands, epoch 3")])
    }
}
