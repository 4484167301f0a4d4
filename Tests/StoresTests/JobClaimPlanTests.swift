import Postgres
import Stores
import TestSupport
import Testing

@Suite("The plan of the claim", .temporaryDatabase(.migrated))
struct JobClaimPlanTests {
    /// A run in its midst: most of its jobs are applied, some are available, many planned; and another run's.
    private func crowdedLedger() async throws -> Ledger {
        let ledger = try await Ledger(plannedSteps: 0)
        let other = try await Ledger(in: ledger.database, named: "other", plannedSteps: 0)
        try await ledger.database.execute(
            """
            INSERT INTO stillhouse.job (run_id, step, ordinal, epoch, first_index, n_samples, base_version_id, state)
            SELECT CASE WHEN n % 2 = 0 THEN \(ledger.run)::bigint ELSE \(other.run)::bigint END, n / 16, n % 16, 0, n, 1,
                (SELECT min(version_id) FROM stillhouse.version),
                CASE WHEN n < 60000 THEN 'applied' WHEN n < 61000 THEN 'available' ELSE 'planned'
                END::stillhouse.job_state
            FROM generate_series(0, 99999) AS n
            """
        )
        try await ledger.database.execute("ANALYZE stillhouse.job")
        return ledger
    }

    /// The newest version of the function that workers claim by, but for those that only ask another one.
    private func claimFunction(_ database: Database) async throws -> (name: String, body: String) {
        let rows = try await database.query(
            """
            SELECT proname::text AS name, prosrc AS body FROM pg_proc
            WHERE pronamespace = 'stillhouse'::regnamespace AND proname LIKE 'job\\_claim\\_v%'
                AND prosrc LIKE '%picked AS MATERIALIZED%'
            ORDER BY proname DESC LIMIT 1
            """
        )
        let row = try #require(rows.first)
        return (try row.decode("name"), try row.decode("body"))
    }

    @Test("EXPLAIN of the function's own selection names the partial index, with 100,000 jobs present")
    func explained() async throws {
        let ledger = try await crowdedLedger()
        let body = try await claimFunction(ledger.database).body
        // The selection as it stands in the function, with numbers for its variables.
        let selection = try #require(body.firstMatch(of: /picked AS MATERIALIZED \(([^;]*?SKIP LOCKED)/)).output.1
            .replacing("v_run_id", with: "\(ledger.run)")
            .replacing(/v_(gradient|embed|maximum)_s/, with: "600::double precision")
            .replacing("p_kinds", with: "'{gradient,embed}'::text[]")
            .replacing("p_session", with: "gen_random_uuid()").replacing("p_limit", with: "4")
        let rows = try await ledger.database.transaction { transaction in
            try transaction.execute("SET LOCAL search_path = stillhouse")
            return try transaction.query("EXPLAIN \(unescaped: String(selection))")
        }
        let plan = try rows.map { try $0.decode(at: 0, as: String.self) }.joined(separator: "\n")
        #expect(plan.contains("Index Scan using job_claim on job"), "\(plan)")
        #expect(!plan.contains("Seq Scan on job j"), "\(plan)")
    }

    @Test("a claim reads a handful of index entries, and never the whole table")
    func counted() async throws {
        let ledger = try await crowdedLedger()
        let session = try await ledger.openSession()
        let function = try await claimFunction(ledger.database).name
        let row = try await ledger.database.transaction { transaction -> Row? in
            let claimed = try transaction.query(
                "SELECT * FROM stillhouse.\(unescaped: function)(\(session), 4::integer, '{gradient,embed}')"
            )
            #expect(claimed.count == 4)
            return try transaction.query(
                """
                SELECT pg_stat_get_xact_numscans('stillhouse.job'::regclass) AS table_scans,
                    pg_stat_get_xact_numscans('stillhouse.job_claim'::regclass) AS index_scans,
                    pg_stat_get_xact_tuples_returned('stillhouse.job_claim'::regclass) AS entries
                """
            ).first
        }
        let counts = try #require(row)
        #expect(try counts.decode("table_scans", as: Int.self) == 0)
        #expect(try counts.decode("index_scans", as: Int.self) == 1)
        #expect(try counts.decode("entries", as: Int.self) <= 8)
    }
}
