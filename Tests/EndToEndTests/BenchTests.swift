import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Measurements of the database") struct BenchTests {
    @Test(
        "what moves is what was sent, and neither a database nor a row is left behind",
        arguments: [["bench", "store", "--megabytes", "3"], ["bench", "queue", "--jobs", "20000"]]
    )
    func leavesNothing(command: [String]) async throws {
        let server = try await OwnServer()
        let folder = try TemporaryDirectory()
        let before = try await Self.databases(of: server)
        let process = try RoleUnderTest(
            command + ["--rounds", "1", "--json"],
            environment: ["STILLHOUSE_DATABASE_URL": server.configuration.description],
            in: URL(fileURLWithPath: folder.path)
        )
        #expect(await process.exitStatus() == 0, "\(process.text)")
        #expect(process.text.contains("\"rounds\" : 1"), "\(process.text)")
        #expect(try await Self.databases(of: server) == before)
        let database = Database(server.configuration, logger: TemporaryDatabase.silentLogger, name: "test")
        #expect(try await database.query("SELECT FROM stillhouse.run").isEmpty)
        await database.close()
        try await server.stop()
    }

    private static func databases(of server: OwnServer) async throws -> [String] {
        let database = Database(server.configuration, logger: TemporaryDatabase.silentLogger, name: "test")
        let rows = try await database.query("SELECT datname::text AS name FROM pg_database ORDER BY 1")
        await database.close()
        return try rows.map { try $0.decode("name") }
    }
}
