import Foundation
package import Postgres

/// The journal for people: what happened to runs, jobs and versions. Nothing reads it to decide anything.
package struct EventStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    package func record(_ kind: String, of run: RunID?, detail: [String: String] = [:]) async throws(PostgresError) {
        try await database.execute(Self.insertion(kind, of: run, detail: detail))
    }

    /// The newest first.
    package func list(of run: RunID? = nil, limit: Int = 100) async throws(PostgresError) -> [Event] {
        try await database.query(
            """
            SELECT event_id, at, run_id, kind, detail FROM stillhouse.event
            WHERE (\(run)::bigint IS NULL OR run_id = \(run)) ORDER BY event_id DESC LIMIT \(limit)
            """
        ).map { row throws(PostgresError) in
            Event(
                id: try row.decode("event_id"),
                at: try row.decode("at"),
                run: try row.decode("run_id"),
                kind: try row.decode("kind"),
                detail: try row.decode("detail")
            )
        }
    }

    /// Within a transaction of another store, so that a change and its event are one.
    static func record(
        _ kind: String,
        of run: RunID?,
        detail: [String: String] = [:],
        in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try transaction.execute(insertion(kind, of: run, detail: detail))
    }

    private static func insertion(_ kind: String, of run: RunID?, detail: [String: String]) -> Query {
        "INSERT INTO stillhouse.event (run_id, kind, detail) VALUES (\(run), \(kind), \(JSON(detail)))"
    }
}
