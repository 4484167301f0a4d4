import Postgres
import Stores
import TestSupport
import Testing

@Suite("Verification", .temporaryDatabase(.migrated))
struct LedgerVerifierTests {
    @Test("an honest ledger breaks no invariant, and every invariant is reported")
    func honest() async throws {
        let ledger = try await busyLedger()
        let reports = try await ledger.verifier.verify(deep: true)
        #expect(reports.map(\.number) == Array(1...21))
        #expect(reports.filter { !$0.isHonoured } == [])
        #expect(try await ledger.verifier.verify().map(\.number).contains(12) == false)
    }

    /// How each invariant can be broken by hand.
    static let damages: [(Int, String)] = [
        (
            1,
            """
            DROP INDEX stillhouse.gradient_counts_once;
            INSERT INTO stillhouse.gradient (
                job_id, attempt, worker_session, run_id, samples, units, n_parts, digest, loss, terms, norm
            )
            SELECT job_id, attempt + 1, worker_session, run_id, samples, units, n_parts, digest, loss, terms, norm
            FROM stillhouse.gradient WHERE state = 'submitted'
            """
        ),
        (2, "DELETE FROM stillhouse.version_member WHERE ordinal = 0"),
        (2, "UPDATE stillhouse.gradient SET state = 'applied' WHERE state = 'submitted'"),
        (3, "UPDATE stillhouse.job SET state = 'available' WHERE state = 'submitted'"),
        (3, "DELETE FROM stillhouse.gradient WHERE state = 'submitted'"),
        (3, "UPDATE stillhouse.gradient SET state = 'rejected', reason = 'norm' WHERE state = 'submitted'"),
        (2, "UPDATE stillhouse.gradient SET state = 'rejected', reason = 'norm' WHERE state = 'applied'"),
        (
            3,
            """
            UPDATE stillhouse.gradient SET state = 'rejected' WHERE state = 'submitted';
            UPDATE stillhouse.job SET state = 'available' WHERE state = 'submitted'
            """
        ),
        (4, "UPDATE stillhouse.version SET samples = samples + 1 WHERE number = 1"),
        (4, "UPDATE stillhouse.gradient SET units = units + 1 WHERE state = 'applied'"),
        (5, "UPDATE stillhouse.version SET number = 7 WHERE number = 2"),
        (5, "UPDATE stillhouse.version SET state = 'abandoned' WHERE number = 1"),
        (
            6,
            "UPDATE stillhouse.run_head SET number = 1, version_id = (SELECT min(version_id) + 1 FROM stillhouse.version)"
        ),
        (6, "UPDATE stillhouse.run_head SET samples_total = 1"),
        (7, "UPDATE stillhouse.job SET first_index = first_index + 1 WHERE step = 0 AND ordinal = 1"),
        (7, "UPDATE stillhouse.job SET n_samples = n_samples + 1 WHERE step = 0 AND ordinal = 0"),
        (8, "DELETE FROM stillhouse.job WHERE step = 1 AND ordinal = 1"),
        (
            9,
            "UPDATE stillhouse.job SET claimed_at = claimed_at - interval '1 hour', worker_session = gen_random_uuid()"
        ),
        (10, "DELETE FROM stillhouse.weights_chunk WHERE digest = sha256('frozen')"),
        (10, "DELETE FROM stillhouse.weights_chunk_unlogged WHERE digest = sha256('student 2')"),
        (10, "DELETE FROM stillhouse.weights_chunk WHERE digest = sha256('second moment 1')"),
        (10, "DELETE FROM stillhouse.version_chunk WHERE role = 3"),
        (
            10,
            """
            WITH gone AS (
                DELETE FROM stillhouse.weights_chunk WHERE digest = sha256('student 1') RETURNING digest, data
            )
            INSERT INTO stillhouse.weights_chunk_unlogged (digest, data) TABLE gone
            """
        ),
        (
            11,
            "DELETE FROM stillhouse.gradient_chunk_unlogged WHERE job_id IN (SELECT job_id FROM stillhouse.job WHERE state = 'submitted')"
        ),
        (
            11,
            "DELETE FROM stillhouse.gradient_chunk_unlogged WHERE job_id IN (SELECT job_id FROM stillhouse.job WHERE step = 1)"
        ),
        (12, "UPDATE stillhouse.weights_chunk SET data = '\\x00' WHERE digest = sha256('frozen')"),
        (12, "UPDATE stillhouse.weights_chunk_unlogged SET data = '\\x00' WHERE digest = sha256('student 2')"),
        (13, "UPDATE stillhouse.version SET chain_digest = sha256('forged') WHERE number = 1"),
        (13, "UPDATE stillhouse.version SET members_digest = sha256('forged') WHERE number = 2"),
        (14, "UPDATE stillhouse.job SET base_version_id = base_version_id + 1 WHERE state = 'applied'"),
        (15, "UPDATE stillhouse.version SET term = 2 WHERE number = 1"),
        (16, "UPDATE stillhouse.gradient SET worker_session = gen_random_uuid()"),
        (17, "UPDATE stillhouse.step SET n_jobs = n_jobs + 1 WHERE step = 3"),
        (18, "DELETE FROM stillhouse.sentinel"),
        (18, "UPDATE stillhouse.database_epoch SET epoch = epoch + 1"),
    ]

    @Test("a row broken by hand is found by the invariant that it breaks", arguments: damages)
    func damage(number: Int, statement: String) async throws {
        let ledger = try await busyLedger()
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.script(statement)
        let broken = try await ledger.brokenInvariants(deep: true)
        let report = try #require(broken.first { $0.number == number }, "found \(broken.map(\.name))")
        #expect(report.violations.first?.contains("_id") == true || [12, 18].contains(number))
    }

    @Test("two runs with the same history are equal, and the first version that differs is named")
    func firstDifference() async throws {
        let one = try await Ledger()
        let other = try await Ledger(in: one.database, named: "other")
        for ledger in [one, other] { try await ledger.train(ledger.openSession(), steps: 2) }
        #expect(try await one.verifier.firstDifference(between: one.run, and: other.run) == nil)
        try await one.database.execute(
            """
            UPDATE stillhouse.version SET chain_digest = sha256('other')
            WHERE run_id = \(other.run) AND number = 2
            """
        )
        #expect(try await one.verifier.firstDifference(between: one.run, and: other.run) == 2)
    }

    @Test("what a lost head and spent payloads lack breaks no promise")
    func exemptions() async throws {
        let ledger = try await busyLedger()
        try await ledger.database.execute("DELETE FROM stillhouse.weights_chunk_unlogged")
        try await ledger.database.execute(
            """
            DELETE FROM stillhouse.gradient_chunk_unlogged
            WHERE job_id IN (SELECT job_id FROM stillhouse.job WHERE state = 'applied')
            """
        )
        #expect(try await ledger.brokenInvariants().map(\.number) == [10, 11])
        try await ledger.database.execute("UPDATE stillhouse.run_head SET restoring_since = clock_timestamp()")
        #expect(try await ledger.brokenInvariants() == [])
    }

    /// Two versions published, the first of them durable, and in the open step one job submitted and one running.
    private func busyLedger() async throws -> Ledger {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        try await ledger.unlog(2)
        try await ledger.checkpoint(1)
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        try await ledger.finish(jobs[0])
        return ledger
    }
}
