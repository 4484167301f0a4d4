package import Foundation
package import Postgres

/// What a look at a run's pace needs and no role does.
package struct ProgressStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// The clock that all stored times are by.
    package func serverTime() async throws(PostgresError) -> Date {
        try await database.query("SELECT clock_timestamp() AS now", retry: .idempotent).first?.decode("now") ?? .now
    }

    /// When the newest versions were published and how many samples each applied, the oldest of them first.
    package func recentVersions(of run: RunID, limit: Int) async throws(PostgresError) -> [PublishedVersion] {
        try await database.query(
            """
            SELECT number, published_at, samples FROM stillhouse.version
            WHERE run_id = \(run) AND state IN ('published', 'retired') ORDER BY number DESC LIMIT \(limit)
            """,
            retry: .idempotent
        ).reversed().map { row throws(PostgresError) in
            PublishedVersion(
                number: try row.decode("number"),
                publishedAt: try row.decode("published_at"),
                samples: try row.decode("samples")
            )
        }
    }

    package func badSampleCount(of run: RunID) async throws(PostgresError) -> Int {
        try await database.query(
            "SELECT count(*) AS n FROM stillhouse.bad_sample WHERE run_id = \(run)",
            retry: .idempotent
        ).first?.decode("n") ?? 0
    }
}
