import Postgres

extension Database {
    /// Whether the schema has a table or view of this name; older and half-migrated databases lack some.
    func hasTable(_ name: String) async throws(PostgresError) -> Bool {
        try await query(
            "SELECT to_regclass(\("stillhouse.\(name)")) IS NOT NULL AS found",
            retry: .idempotent
        ).first?.decode("found") ?? false
    }

    /// Parameters of the largest run that is not over; 0 without one.
    func largestModel() async throws(PostgresError) -> Int {
        guard try await hasTable("run_head") else { return 0 }
        return try await query(
            """
            SELECT coalesce(max(parameter_count), 0) AS n FROM stillhouse.run JOIN stillhouse.run_head USING (run_id)
            WHERE state IN ('active', 'blocked')
            """,
            retry: .idempotent
        ).first?.decode("n") ?? 0
    }
}
