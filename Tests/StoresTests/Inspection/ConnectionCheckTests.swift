import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of connections")
struct ConnectionCheckTests {
    @Test("the budget counts runs and live workers", .temporaryDatabase(.migrated))
    func budget() async throws {
        let ledger = try await Ledger()
        let silent = try await ledger.openSession()
        try await ledger.silence(silent)
        _ = try await ledger.openSession()
        let finding = try #require(try await ConnectionCheck(ledger.database).findings()["connection budget"])
        #expect(finding.severity == .ok)
        #expect(finding.found.hasPrefix("3 reserved + 4 × 2 leaders + 2 for a monitor + 4 × 1 workers = 17 of 500;"))
    }

    @Test("a fleet beyond nine tenths is a warning, beyond all an error", arguments: [(41, 1), (42, 2), (47, 3)])
    func fleet(workers: Int, rank: Int) {
        let facts = ConnectionCheck.Facts(limit: 200, reserved: 3, used: 5, runs: 1, workers: workers)
        let severities: [Finding.Severity] = [.ok, .ok, .warning, .error]
        let finding = ConnectionCheck.judge(facts)["connection budget"]
        #expect(finding?.severity == severities[rank], "\(facts.budget)")
    }

    @Test("filled slots are an error")
    func filled() async throws {
        try await SecondServer.with(settings: ["fsync": "off", "max_connections": "10"]) { configuration in
            let database = SecondServer.database(configuration)
            #expect(try await ConnectionCheck(database).findings()["open connections"]?.severity == .ok)
            var others: [Database] = []
            for _ in 0..<8 {
                let other = SecondServer.database(configuration)
                try await other.connect()
                others.append(other)
            }
            let finding = try #require(try await ConnectionCheck(database).findings()["open connections"])
            #expect(finding.severity == .error)
            #expect(finding.found == "9 of 10")
            for other in others { await other.close() }
        }
    }
}
