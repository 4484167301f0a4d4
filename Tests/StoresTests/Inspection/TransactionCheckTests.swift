import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of open transactions", .temporaryDatabase(.empty))
struct TransactionCheckTests {
    @Test("a session idle in a transaction is named with all that is needed to end it")
    func idle() async throws {
        let database = try TemporaryDatabase.current.database()
        var configuration = try TemporaryDatabase.current.configuration
        configuration[option: "application_name"] = "coffee break"
        let other = PostgresConnection(configuration, logger: TemporaryDatabase.silentLogger)
        try await other.connect()
        try await other.execute("BEGIN")
        let row = try #require(try await other.query("SELECT pg_backend_pid() AS pid").first)
        let pid: Int32 = try row.decode("pid")

        // With the limits of a real server it is too young to matter.
        #expect(try await TransactionCheck(database).findings() == [.ok("long transactions", "none")])
        let strict = TransactionCheck(database, limits: .init(idle: .zero))
        let finding = try #require(try await strict.findings()["session \(pid)"])
        #expect(finding.severity == .warning)
        #expect(finding.found.contains("\(configuration.user) (coffee break, from this host)"))
        #expect(finding.found.contains("idle in it"))
        let alarming = TransactionCheck(database, limits: .init(idle: .zero, alarm: .zero))
        #expect(try await alarming.findings()["session \(pid)"]?.severity == .error)

        try await database.execute(Query(unescaped: try #require(finding.remedy)))
        try await eventually("the session is gone") { try await strict.findings()["session \(pid)"] == nil }
    }

    @Test("sessions that this login may not look at are a note")
    func hidden() async throws {
        let other = try await TemporaryDatabase.current.connection()
        let login = "curious_\(UInt32.random(in: 0 ... .max))"
        try await other.execute("CREATE ROLE \(identifier: login) LOGIN")
        var configuration = try TemporaryDatabase.current.configuration
        configuration[option: "user"] = login
        let database = SecondServer.database(configuration)
        let finding = try #require(try await TransactionCheck(database).findings()["other logins' sessions"])
        #expect(finding.severity == .note)
        #expect(finding.remedy == "GRANT pg_monitor TO \"\(login)\";")
        try await other.execute(Query(unescaped: try #require(finding.remedy)))
        #expect(try await TransactionCheck(database).findings()["other logins' sessions"] == nil)
        await database.close()
        try await other.execute("DROP ROLE \(identifier: login)")
    }
}
