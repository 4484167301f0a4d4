import Postgres

extension RunStore {
    /// Blocks a run whose next version would hold weights that are no numbers, and names the last good version.
    ///
    /// - Parameter number: of the version that was not published.
    @discardableResult
    package func block(_ run: RunID, divergedAt number: Int, reason: String, under term: Term) async throws -> Bool {
        try await database.transaction { transaction in
            try term.hold(in: transaction)
            let blocked = try transaction.execute(
                """
                UPDATE stillhouse.run_head SET state = 'blocked', reason = \(reason)
                WHERE run_id = \(run) AND state = 'active' AND number = \(number - 1)
                """
            )
            guard blocked == 1 else { return false }
            let detail = Divergence(number: number, lastGood: number - 1, reason: reason)
            try transaction.execute(
                """
                INSERT INTO stillhouse.event (run_id, kind, detail)
                VALUES (\(run), 'run_diverged', \(JSON(detail)))
                """
            )
            try transaction.execute("SELECT pg_notify(\(run.channel), 'control')")
            return true
        }
    }

    private struct Divergence: Encodable {
        let number: Int
        let lastGood: Int
        let reason: String

        enum CodingKeys: String, CodingKey {
            case number
            case lastGood = "last_good"
            case reason
        }
    }
}
