package import Postgres

/// A server of one test's own, for what cannot be provoked on the server that all tests share.
package enum SecondServer {
    /// Starts it with these settings, and removes it when the body has returned or thrown.
    /// - Parameter body: gets the address of an empty database, as the server's superuser.
    package static func with<R>(
        settings: [String: String] = [:],
        _ body: (PostgresConfiguration) async throws -> R
    ) async throws -> R {
        let directory = try TestServerDirectory()
        defer { directory.remove() }
        var configuration = PrivateServer.Configuration(directory: directory.server)
        configuration.settings = settings
        let server = PrivateServer(configuration, binaries: try ServerBinaries.forTests())
        return try await body(try await server.start())
    }

    /// A session that comes back by itself, on such a server.
    package static func database(_ configuration: PostgresConfiguration) -> Database {
        Database(configuration, logger: TemporaryDatabase.silentLogger, name: "test-second")
    }
}
