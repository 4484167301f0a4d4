import Migrations
import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of the migrations", .temporaryDatabase(.migrated))
struct MigrationCheckTests {
    private let migrator = Migrator(Migration.all, logger: TemporaryDatabase.silentLogger)

    private func findings() async throws -> [Finding] {
        try await MigrationCheck(TemporaryDatabase.current.database(), migrator: migrator).findings()
    }

    private func run(_ script: String) async throws {
        try await TemporaryDatabase.current.connection().script(script)
    }

    @Test("this build's schema is all right")
    func clean() async throws {
        #expect(try await findings().map(\.severity) == [.ok, .ok])
    }

    @Test("missing migrations want `migrate up`", arguments: [(0, "no Stillhouse schema"), (1, "missing: 2")])
    func missing(number: Int, words: String) async throws {
        try await migrator.down(TemporaryDatabase.current.database(), to: number)
        let finding = try #require(try await findings().complaints.first)
        #expect(finding.severity == .error)
        #expect(finding.found.contains(words))
        #expect(finding.remedy == "stillhouse migrate up")
    }

    @Test("a migration whose text changed, and one of a newer build, are errors of their own")
    func changed() async throws {
        try await run(
            """
            UPDATE stillhouse_migration.schema_migration SET checksum = repeat('0', 64) WHERE number = 2;
            INSERT INTO stillhouse_migration.schema_migration (number, name, checksum)
            VALUES (999, 'tomorrow', repeat('0', 64))
            """
        )
        let findings = try await findings().complaints
        #expect(findings.map(\.object) == ["migration 2 (worker_calls)", "migration 999 (tomorrow)"])
        #expect(findings.last?.remedy?.hasSuffix("stillhouse migrate down --to 998") == true)
    }

    @Test("another protocol than this build's, and none, are errors")
    func protocolNumbers() async throws {
        try await run("UPDATE stillhouse.protocol SET minimum = 7, current = 8")
        #expect(
            try await findings()["protocol"]?.found
                == "the database speaks 7 to 8, this build \(WorkerStore.protocolNumber)"
        )
        try await run("DELETE FROM stillhouse.protocol")
        let finding = try #require(try await findings()["protocol"])
        #expect(finding.severity == .error)
        try await run(finding.remedySQL)
        #expect(try await findings().complaints == [])
    }
}
