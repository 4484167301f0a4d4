import Commands
import Migrations
import Postgres
import TestSupport
import Testing

@Suite("Schema check", .temporaryDatabase(.migrated))
struct SchemaCheckTests {
    private func check(_ database: Database) async throws {
        let migrator = Migrator(Migration.all, logger: TemporaryDatabase.silentLogger)
        try SchemaCheck.check(try await migrator.status(database))
    }

    @Test("the schema of this build passes")
    func same() async throws {
        try await check(TemporaryDatabase.current.database())
    }

    @Test("a newer schema is refused with both numbers")
    func newer() async throws {
        let database = try TemporaryDatabase.current.database()
        let number = Migration.all.count + 1
        let later = Migration(number: number, name: "later", up: "SELECT 1", down: "SELECT 1")
        try await Migrator(Migration.all + [later], logger: TemporaryDatabase.silentLogger).up(database)
        let failure = try #require(await #expect(throws: CommandFailure.self) { try await check(database) })
        #expect(failure.status == .mismatch)
        #expect(failure.description.contains("schema version \(number)"))
        #expect(failure.description.contains("up to \(number - 1)"))
    }

    @Test("an older schema and none at all want `migrate up`", arguments: [0, 1])
    func older(applied number: Int) async throws {
        let database = try TemporaryDatabase.current.database()
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).down(database, to: number)
        let failure = try #require(await #expect(throws: CommandFailure.self) { try await check(database) })
        #expect(failure.status == .usage)
        #expect(failure.description.contains("stillhouse migrate up"))
    }
}
