import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of runs", .temporaryDatabase(.migrated))
struct RunCheckTests {
    private func findings(_ ledger: Ledger) async throws -> [Finding] {
        try await RunCheck(ledger.database).findings()
    }

    @Test("without runs there is nothing to say, and a run that goes on is all right")
    func healthy() async throws {
        let database = try TemporaryDatabase.current.database()
        #expect(try await RunCheck(database).findings() == [.ok("runs", "none goes on")])
        let ledger = try await Ledger()
        _ = try await ledger.openSession()
        #expect(
            try await findings(ledger) == [.ok("run small", "at step 0 of 4"), .ok("workers of small", "1 live")]
        )
    }

    @Test("a blocked run is an error with its reason")
    func blocked() async throws {
        let ledger = try await Ledger()
        try await ledger.runs.block(ledger.run, reason: "the weights are no numbers", under: ledger.aggregator)
        let finding = try #require(try await findings(ledger)["run small"])
        #expect(finding.severity == .error)
        #expect(finding.found == "is blocked: the weights are no numbers")
        #expect(finding.remedy?.hasSuffix("stillhouse run resume small") == true)
    }

    @Test("dead jobs are an error that names them")
    func dead() async throws {
        let ledger = try await Ledger()
        try await ledger.database.execute("UPDATE stillhouse.job SET state = 'dead' WHERE step < 3")
        let finding = try #require(try await findings(ledger).complaints.first)
        #expect(finding.severity == .error)
        #expect(finding.found.contains(/has 6 dead jobs: \d+, \d+, \d+, \d+, \d+ and 1 more/))
    }

    @Test("a plan that ran dry is a warning, but not at the end of the run")
    func dry() async throws {
        let ledger = try await Ledger(plannedSteps: 0)
        #expect(try await findings(ledger)["run small"]?.found == "has no step planned after 0 of 4")
        try await ledger.database.execute("UPDATE stillhouse.run_head SET number = 4")
        #expect(try await findings(ledger).complaints == [])
    }

    @Test("a paused run and one without workers are notes")
    func paused() async throws {
        let ledger = try await Ledger()
        try await ledger.runs.pause(ledger.run)
        let findings = try await findings(ledger)
        #expect(findings.complaints == [])
        #expect(findings.filter { $0.severity == .note }.map(\.found) == ["is paused", "none is live"])
    }

    @Test("a worker that has been silent too long is a warning")
    func silent() async throws {
        let ledger = try await Ledger()
        try await ledger.silence(try await ledger.openSession())
        #expect(try await findings(ledger)["workers of small"]?.found == "silent beyond their lease: 1")
    }

    @Test("two numeric profiles in one run are a note")
    func profiles() async throws {
        let ledger = try await Ledger()
        for profile in ["cpu one", "cpu two"] { _ = try await ledger.openSession(profile: profile) }
        #expect(try await findings(ledger)["workers of small"]?.found == "of 2 numeric profiles")
    }

    @Test("a run that is being restored after a crash is a warning")
    func restoring() async throws {
        let ledger = try await Ledger()
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.script(
            """
            ALTER TABLE stillhouse.run_head ADD COLUMN IF NOT EXISTS restoring_since timestamptz;
            UPDATE stillhouse.run_head SET restoring_since = clock_timestamp();
            """
        )
        #expect(try await findings(ledger)["run small"]?.found == "is being restored after a crash of the server")
    }
}
