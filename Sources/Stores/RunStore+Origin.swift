package import Postgres

extension RunStore {
    /// Where a forked run's start weights come from; nil for a run that was created from a recipe.
    package func origin(of run: RunID) async throws(PostgresError) -> RunOrigin? {
        let rows = try await database.query(
            """
            SELECT detail->>'run' AS name, (detail->>'version')::integer AS number, detail->>'content' AS content
            FROM stillhouse.event WHERE run_id = \(run) AND kind = \(RunOrigin.eventKind)
            ORDER BY event_id LIMIT 1
            """,
            retry: .idempotent
        )
        guard let row = rows.first else { return nil }
        return RunOrigin(
            run: try row.decode("name"),
            number: try row.decode("number"),
            content: try row.decode("content")
        )
    }

    /// Keeps retention from the version until the end of the transaction.
    static func hold(_ origin: RunOrigin, in transaction: borrowing Transaction) throws {
        let rows = try transaction.query(
            """
            SELECT v.version_id FROM stillhouse.version v JOIN stillhouse.run r USING (run_id)
            WHERE r.name = \(origin.run) AND v.number = \(origin.number) AND v.state = 'published'
            FOR SHARE OF v
            """
        )
        if rows.isEmpty { throw StoreError.versionGone(run: origin.run, number: origin.number) }
    }
}
