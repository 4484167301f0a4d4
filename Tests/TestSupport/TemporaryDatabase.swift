package import Logging
package import Postgres

/// A database of the running test's own, copied from a template and dropped afterwards; see `.temporaryDatabase`.
package struct TemporaryDatabase: Sendable {
    /// How to reach it, as the server's superuser.
    package let configuration: PostgresConfiguration

    @TaskLocal static var own: TemporaryDatabase?

    /// The running test's database.
    package static var current: TemporaryDatabase {
        get throws {
            guard let own else { throw Missing() }
            return own
        }
    }

    /// Gives `body` a database of its own, for what does not come from the trait `.temporaryDatabase`.
    package static func withCopy<R: Sendable>(
        of template: DatabaseTemplate,
        _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        _ = try ServerBinaries.forTests()
        return try await TestServer.shared.get().withDatabase(copiedFrom: template) { database in
            try await $own.withValue(database, operation: body)
        }
    }

    /// A logger that says nothing; tests that look at log lines bring their own.
    package static var silentLogger: Logger {
        Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    }

    /// A new open session.
    package func connection() async throws -> PostgresConnection {
        let connection = PostgresConnection(configuration, logger: Self.silentLogger, name: "test")
        try await connection.connect()
        return connection
    }

    /// A session that comes back by itself.
    package func database() -> Database {
        Database(configuration, logger: Self.silentLogger, name: "test")
    }

    struct Missing: Error, CustomStringConvertible {
        var description: String { "this test has no database: add the trait .temporaryDatabase to it or its suite" }
    }
}
