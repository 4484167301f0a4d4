package import Postgres

/// The bare table that the parameter store is compared with, and what keeps its own tables from filling the disk.
package struct StoreYardstick: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    package static let insertion = "INSERT INTO stillhouse_yardstick (part, data) VALUES ($1, $2)"
    package static let selection = "SELECT data FROM stillhouse_yardstick ORDER BY part"

    /// An UNLOGGED table of ordinals and bytes, stored as ours are.
    package func prepare() async throws(PostgresError) {
        try await database.execute(
            "CREATE UNLOGGED TABLE stillhouse_yardstick (part integer PRIMARY KEY, data bytea NOT NULL)"
        )
        try await database.execute("ALTER TABLE stillhouse_yardstick ALTER data SET STORAGE EXTERNAL")
    }

    /// Empties the bare table.
    package func clear() async throws(PostgresError) { try await database.execute("TRUNCATE stillhouse_yardstick") }

    /// Empties the table of gradients' parts. Only for a database that is the measurement's own.
    package func clearGradients() async throws(PostgresError) {
        try await database.execute("TRUNCATE stillhouse.gradient_chunk_unlogged")
    }
}
