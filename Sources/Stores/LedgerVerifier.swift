package import Postgres

/// Checks the ledger against its invariants, in one snapshot and without writing.
package struct LedgerVerifier: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// - Parameter deep: also hashes every stored chunk.
    /// - Parameter limit: rows reported for each invariant.
    /// - Returns: one report for each invariant that was checked, in order.
    package func verify(deep: Bool = false, limit: Int = 20) async throws -> [InvariantReport] {
        let invariants = Invariant.all.filter { deep || !$0.isDeep }
        return try await database.transaction(retry: .idempotent) { transaction in
            try transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return try invariants.map { invariant in
                let rows = try transaction.query(
                    """
                    SELECT to_jsonb(violation)::text AS violation
                    FROM (\(unescaped: invariant.statement)) AS violation LIMIT \(limit)
                    """
                )
                return InvariantReport(
                    number: invariant.number,
                    name: invariant.name,
                    violations: try rows.map { try $0.decode("violation") }
                )
            }
        }
    }

    /// The first number at which two runs' histories differ; nil when the shorter is the beginning of the longer.
    package func firstDifference(between one: RunID, and other: RunID) async throws(PostgresError) -> Int? {
        try await database.query(
            """
            SELECT min(a.number) AS number
            FROM stillhouse.version a JOIN stillhouse.version b USING (number)
            WHERE a.run_id = \(one) AND b.run_id = \(other) AND a.chain_digest <> b.chain_digest
                AND a.state IN ('published', 'retired') AND b.state IN ('published', 'retired')
            """
        ).first?.decode("number")
    }
}
