import Postgres
import Stores
import TestSupport
import Testing

@Suite("The invariants, one by one", .temporaryDatabase(.migrated))
struct InvariantTests {
    /// Damage, and exactly the invariants that it breaks: rules about the same rows break together.
    static let damages: [(broken: [Int], script: String)] = [
        (
            [1, 3],
            """
            DROP INDEX stillhouse.gradient_counts_once;
            INSERT INTO stillhouse.gradient (
                job_id, attempt, worker_session, run_id, samples, units, n_parts, digest, loss, terms, norm
            )
            SELECT job_id, attempt + 1, worker_session, run_id, samples, units, 0 + n_parts, digest, loss, terms, norm
            FROM stillhouse.gradient WHERE state = 'submitted';
            INSERT INTO stillhouse.gradient_chunk (job_id, attempt, part, digest, data)
            SELECT job_id, attempt + 1, part, digest, data FROM stillhouse.gradient_chunk
            WHERE job_id = (SELECT job_id FROM stillhouse.gradient WHERE state = 'submitted' LIMIT 1)
            """
        ),
        (
            [2, 3],
            """
            UPDATE stillhouse.gradient SET state = 'applied' WHERE state = 'submitted'
            """
        ),
        ([3], "UPDATE stillhouse.job SET state = 'available' WHERE state = 'submitted'"),
        ([4], "UPDATE stillhouse.gradient SET units = units + 1 WHERE state = 'applied'"),
        ([5, 6], "UPDATE stillhouse.version SET number = 7 WHERE number = 2"),
        ([6], "UPDATE stillhouse.run_head SET samples_total = 1"),
        ([7], "UPDATE stillhouse.job SET first_index = first_index + 1 WHERE step = 0 AND ordinal = 1"),
        ([8], "UPDATE stillhouse.job SET n_samples = n_samples - 1 WHERE step = 1 AND ordinal = 1"),
        (
            [9],
            "UPDATE stillhouse.job SET claimed_at = claimed_at - interval '1 hour', worker_session = gen_random_uuid()"
        ),
        ([10], "DELETE FROM stillhouse.weights_chunk WHERE digest = sha256('frozen')"),
        ([11], "DELETE FROM stillhouse.gradient_chunk"),
        ([12], "UPDATE stillhouse.weights_chunk SET data = '\\x00' WHERE digest = sha256('frozen')"),
        (
            [13],
            """
            UPDATE stillhouse.version SET chain_digest = sha256('forged')
            WHERE number = (SELECT max(number) FROM stillhouse.version)
            """
        ),
        ([14], "UPDATE stillhouse.job SET base_version_id = base_version_id + 1 WHERE state = 'applied'"),
        ([15], "UPDATE stillhouse.version SET term = 2 WHERE number = 1"),
        ([16], "UPDATE stillhouse.gradient SET worker_session = gen_random_uuid()"),
        ([17], "UPDATE stillhouse.step SET n_jobs = n_jobs + 1 WHERE step = 3"),
    ]

    @Test("damage is reported by exactly the invariants that it breaks", arguments: damages)
    func damage(broken: [Int], script: String) async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 2)
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        try await ledger.finish(jobs[0])
        #expect(try await ledger.brokenInvariants(deep: true) == [])
        try await TemporaryDatabase.current.connection().script(script)
        #expect(try await ledger.brokenInvariants(deep: true).map(\.number) == broken)
    }
}
