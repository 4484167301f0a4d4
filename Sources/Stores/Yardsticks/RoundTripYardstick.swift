package import Postgres

/// The cheapest thing that one can ask a database: what every call costs at least.
package struct RoundTripYardstick: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Asks nothing and waits for the answer.
    package func make() async throws(PostgresError) { try await database.execute("SELECT 1") }

    /// Leaves a trace in the log of the database and waits for the disk, as claims and submissions do.
    package func commit() async throws(PostgresError) {
        try await database.execute("SELECT pg_logical_emit_message(true, 'stillhouse', '')")
    }
}
