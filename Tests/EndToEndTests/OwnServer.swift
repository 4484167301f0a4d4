import Foundation
import Migrations
import Postgres
import TestSupport

/// A PostgreSQL of the test's own, with the schema of this build, to be stopped and started at will.
final class OwnServer: Sendable {
    private let directory: TestServerDirectory
    private let server: PrivateServer

    /// Where it is, running or not.
    var configuration: PostgresConfiguration { server.connection }

    init() async throws {
        directory = try TestServerDirectory()
        var configuration = PrivateServer.Configuration(directory: directory.server)
        configuration.settings = ["fsync": "off", "shared_buffers": "64MB"]
        server = PrivateServer(configuration, binaries: try .forTests())
        try await server.start()
        let database = Database(server.connection, logger: TemporaryDatabase.silentLogger, name: "test")
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(database)
        await database.close()
    }

    deinit { directory.remove() }

    /// Ends every session, as a restart of the machine does.
    func stop() async throws { try await server.stop() }

    func start() async throws { try await server.start() }
}
