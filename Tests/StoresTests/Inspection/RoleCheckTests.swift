import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of roles")
struct RoleCheckTests {
    @Test("a migrated database gives PUBLIC nothing in the schema", .temporaryDatabase(.migrated))
    func clean() async throws {
        let findings = try await RoleCheck(TemporaryDatabase.current.database()).findings()
        #expect(findings.complaints == [])
        #expect(findings["rights of PUBLIC"]?.severity == .ok)
    }

    @Test("a right of PUBLIC on the database is a note, and its remedy takes it back", .temporaryDatabase(.empty))
    func databaseRights() async throws {
        let database = try TemporaryDatabase.current.database()
        let name = database.configuration.database
        try await database.execute("GRANT TEMP ON DATABASE \(identifier: name) TO PUBLIC")
        let finding = try #require(try await RoleCheck(database).findings()["database"])
        #expect(finding.severity == .note)
        try await database.execute(Query(unescaped: try #require(finding.remedy)))
        #expect(try await RoleCheck(database).findings()["database"] == nil)
    }

    @Test(
        "a right of PUBLIC is an error, and its remedy takes it back",
        .temporaryDatabase(.migrated),
        arguments: [
            ("GRANT USAGE ON SCHEMA stillhouse TO PUBLIC", "schema stillhouse"),
            ("GRANT SELECT ON stillhouse.run TO PUBLIC", "relation run"),
            (
                "GRANT EXECUTE ON FUNCTION stillhouse.session_close_v1(uuid, integer) TO PUBLIC",
                "function session_close_v1"
            ),
        ]
    )
    func everybody(grant: String, object: String) async throws {
        let database = try TemporaryDatabase.current.database()
        try await database.execute(Query(unescaped: grant))
        let finding = try #require(try await RoleCheck(database).findings()[object])
        #expect(finding.severity == .error)
        try await database.execute(Query(unescaped: try #require(finding.remedy)))
        #expect(try await RoleCheck(database).findings().complaints == [])
    }

    @Test("groups are examined once there is one: a missing one is an error, one that logs in a warning")
    func groups() async throws {
        try await SecondServer.with(settings: ["fsync": "off"]) { configuration in
            let database = SecondServer.database(configuration)
            #expect(try await RoleCheck(database).findings()["groups"]?.severity == .note)
            for statement in [
                "CREATE ROLE stillhouse_owner", "CREATE ROLE stillhouse_worker LOGIN",
                "CREATE ROLE ann LOGIN IN ROLE stillhouse_owner",
            ] { try await database.execute(Query(unescaped: statement)) }
            let findings = try await RoleCheck(database).findings()
            #expect(findings["role stillhouse_owner"] == .ok("role stillhouse_owner", "members: ann"))
            #expect(findings["role stillhouse_worker"]?.severity == .warning)
            #expect(findings["role stillhouse_reader"]?.severity == .error)
            for finding in findings.complaints {
                try await database.execute(Query(unescaped: try #require(finding.remedy)))
            }
            #expect(try await RoleCheck(database).findings().complaints == [])
        }
    }
}
