package import Postgres

/// Whether every run that goes on has its coordinator and its aggregator, by their leases.
package struct LeaderCheck: Check {
    package let subject = "leaders"
    private let database: Database

    package init(_ database: Database) { self.database = database }

    package func findings() async throws -> [Finding] {
        guard try await database.hasTable("leader") else { return [] }
        let rows = try await database.query(
            """
            WITH wanted (name, role, run) AS (
                SELECT 'coordinator', 'coordinator', NULL WHERE EXISTS (
                    SELECT FROM stillhouse.run_head WHERE state = 'active'
                )
                UNION ALL SELECT 'aggregator:' || run_id, 'aggregator', name
                FROM stillhouse.run JOIN stillhouse.run_head USING (run_id) WHERE state = 'active'
            )
            SELECT w.role, w.run, l.host, l.term::bigint AS term,
                extract(epoch FROM clock_timestamp() - l.expires_at)::double precision AS expired_for
            FROM wanted w LEFT JOIN stillhouse.leader l USING (name) ORDER BY w.name
            """,
            retry: .idempotent
        )
        return try rows.map { row throws(PostgresError) in
            let role: String = try row.decode("role")
            let run: String? = try row.decode("run")
            let object = role + (run.map { " of run \($0)" } ?? "")
            let expiredFor: Double? = try row.decode("expired_for")
            if let expiredFor, expiredFor <= 0 {
                let host: String = try row.decode("host")
                return .ok(object, "leads on \(host), term \(try row.decode("term", as: Int.self))")
            }
            return Finding(
                .warning,
                object,
                expiredFor.map { "its lease ran out \(Int($0)) s ago" } ?? "nobody leads",
                because: role == "coordinator"
                    ? "nothing is planned and no lost job is rescued"
                    : "gradients are not applied: the run stands still",
                mend: "stillhouse \(role) start"
            )
        }
    }
}
