import Foundation
import Postgres

/// The one private server of a test process, started with its first database and removed when the process ends.
actor TestServer {
    /// Or why there is none.
    static let shared = Result { try TestServer() }

    private let directory: TestServerDirectory
    private let server: PrivateServer
    // Tasks as memory of work begun: tests run in parallel, and all of them wait for the first one's start.
    private var starting: Task<PostgresConnection, any Error>?
    private var templates: [String: Task<Void, any Error>] = [:]
    private var count = 0

    private init() throws {
        let binaries = try ServerBinaries.forTests()
        TestServerDirectory.removeStale()
        directory = try TestServerDirectory()
        var configuration = PrivateServer.Configuration(directory: directory.server)
        // What a crash of the machine would lose, no test wants back.
        configuration.settings = [
            "fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB", "max_connections": "500",
        ]
        server = PrivateServer(configuration, binaries: binaries)
        directory.removeAtExit()
    }

    func withDatabase<R: Sendable>(
        copiedFrom template: DatabaseTemplate,
        _ body: @Sendable (TemporaryDatabase) async throws -> R
    ) async throws -> R {
        let administrator = try await started()
        try await made(template, administrator)
        count += 1
        let name = "test_\(count)"
        try await administrator.execute(
            "CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: Self.name(of: template))"
        )
        let outcome: Result<R, any Error>
        do {
            outcome = .success(try await body(TemporaryDatabase(configuration: server.connection.database(name))))
        } catch {
            outcome = .failure(error)
        }
        // Also after a test was cancelled, hence on a task of its own; FORCE ends sessions that a test left open.
        try await Task {
            _ = try await administrator.execute("DROP DATABASE \(identifier: name) WITH (FORCE)")
        }.value
        return try outcome.get()
    }

    private func started() async throws -> PostgresConnection {
        let task =
            starting
            ?? Task { [server] in
                let configuration = try await server.start()
                let connection = PostgresConnection(
                    configuration.database("postgres"),
                    logger: TemporaryDatabase.silentLogger,
                    name: "test-admin"
                )
                try await connection.connect()
                return connection
            }
        starting = task
        return try await task.value
    }

    private func made(_ template: DatabaseTemplate, _ administrator: PostgresConnection) async throws {
        let task =
            templates[template.name]
            ?? Task { [server] in
                let name = Self.name(of: template)
                try await administrator.execute("CREATE DATABASE \(identifier: name)")
                let database = Database(
                    server.connection.database(name),
                    logger: TemporaryDatabase.silentLogger,
                    name: "test-template"
                )
                try await template.prepare(database)
                // A template with a session on it cannot be copied.
                await database.close()
            }
        templates[template.name] = task
        try await task.value
    }

    private static func name(of template: DatabaseTemplate) -> String { "template_\(template.name)" }
}
