import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of the server's settings")
struct SettingsCheckTests {
    @Test("a private server with its own settings is worth no warning, and a change that waits for a restart is")
    func clean() async throws {
        try await SecondServer.with { configuration in
            let database = SecondServer.database(configuration)
            #expect(try await SettingsCheck(database).findings().complaints == [])
            try await database.execute("ALTER SYSTEM SET shared_buffers = '1GB'")
            try await database.execute("SELECT pg_reload_conf()")
            try await eventually("the server has read its settings") {
                try await SettingsCheck(database).findings().contains { $0.found == "changed, but not in force" }
            }
        }
    }

    @Test("every setting that endangers what was acknowledged, or the queue, is found")
    func careless() async throws {
        let settings = [
            "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off",
            "track_counts": "off", "idle_in_transaction_session_timeout": "0", "client_connection_check_interval": "0",
            "max_wal_size": "64MB", "wal_compression": "on", "shared_buffers": "16MB",
        ]
        try await SecondServer.with(settings: settings) { configuration in
            let database = SecondServer.database(configuration)
            let findings = try await SettingsCheck(database).findings()
            for name in ["fsync", "full_page_writes", "synchronous_commit", "autovacuum", "track_counts"] {
                let finding = try #require(findings[name])
                #expect(finding.severity == .error, "\(name)")
                #expect(finding.remedy?.hasPrefix("ALTER SYSTEM SET \(name) = 'on'; SELECT pg_reload_conf();") == true)
            }
            for name in ["idle_in_transaction_session_timeout", "client_connection_check_interval"] {
                #expect(findings[name]?.severity == .warning, "\(name)")
            }
            for name in ["max_wal_size", "wal_compression", "statement_timeout"] {
                #expect(findings[name]?.severity == .note, "\(name)")
            }
            // What can be mended without a restart is, by the remedies as they are printed.
            for finding in findings.complaints {
                for statement in try #require(finding.remedy).split(separator: "; ") {
                    try await database.execute(Query(unescaped: String(statement)))
                }
            }
            try await eventually("the server has read its settings") {
                try await SettingsCheck(database).findings().complaints.isEmpty
            }
        }
    }

    @Test("too small a buffer for the model that is trained is a warning with the size", .temporaryDatabase(.migrated))
    func buffers() async throws {
        let ledger = try await Ledger()
        #expect(try await SettingsCheck(ledger.database).findings()["shared_buffers"]?.severity == .ok)
        try await ledger.database.execute("UPDATE stillhouse.run SET parameter_count = 86000000")
        let finding = try #require(try await SettingsCheck(ledger.database).findings()["shared_buffers"])
        #expect(finding.severity == .warning)
        #expect(finding.remedy == "ALTER SYSTEM SET shared_buffers = '984MB'; -- then restart the server")
    }
}
