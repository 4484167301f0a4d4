package import Postgres

extension Database {
    /// Empties what a crash of the server empties, the sentinel last: a repair then finds all of it gone.
    package func loseUnloggedTables() async throws {
        for table in ["gradient_chunk_unlogged", "weights_chunk_unlogged", "sentinel"] {
            try await execute("TRUNCATE stillhouse.\(unescaped: table)")
        }
    }
}
