import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of the server", .temporaryDatabase(.empty))
struct ServerCheckTests {
    @Test("a new server with UTF-8 is all right")
    func clean() async throws {
        let findings = try await ServerCheck(TemporaryDatabase.current.database()).findings()
        #expect(findings.map(\.object) == ["server version", "database encoding"])
        #expect(findings.complaints == [])
    }

    @Test("a server before PostgreSQL 15 is an error")
    func old() {
        let facts = ServerCheck.Facts(version: "14.11", number: 140_011, encoding: "UTF8", isReadOnly: false)
        #expect(ServerCheck.judge(facts)["server version"]?.severity == .error)
    }

    @Test("a database that refuses writes is an error")
    func readOnly() async throws {
        let database = try TemporaryDatabase.current
        let name = database.configuration.database
        try await database.connection().execute(
            "ALTER DATABASE \(identifier: name) SET default_transaction_read_only = on"
        )
        let findings = try await ServerCheck(database.database()).findings()
        #expect(findings["server"]?.found == "read-only")
        #expect(findings["server"]?.severity == .error)
    }

    @Test("a database of another encoding is an error")
    func encoding() async throws {
        try await SecondServer.with(settings: ["fsync": "off"]) { configuration in
            let database = SecondServer.database(configuration)
            try await database.execute(
                "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
            )
            let findings = try await ServerCheck(SecondServer.database(configuration.database("bytes"))).findings()
            #expect(findings["database encoding"]?.found == "SQL_ASCII")
            #expect(findings["database encoding"]?.severity == .error)
        }
    }
}
