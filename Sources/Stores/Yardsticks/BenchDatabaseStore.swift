package import Postgres

/// A database of a measurement's own on somebody's server, so that dropping it leaves nothing behind.
package struct BenchDatabaseStore: Sendable {
    private let server: Database

    /// - Parameter server: any database of the server, by a login that may create others.
    package init(_ server: Database) { self.server = server }

    package func create(_ name: String) async throws(PostgresError) {
        try await server.execute("CREATE DATABASE \(identifier: name) TEMPLATE template0")
    }

    /// Ends whatever is connected to it.
    package func drop(_ name: String) async throws(PostgresError) {
        try await server.execute("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
    }
}
