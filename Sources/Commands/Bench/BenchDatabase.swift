import Foundation
import Logging
import Migrations
import Postgres
import Stores

/// A database that a measurement has to itself: on the server that is named, or on a private one made for it. Neither
/// outlives the measurement.
struct BenchDatabase {
    let configuration: PostgresConfiguration
    /// Where the server's programs are, pgbench among them; nil where there are none on this machine.
    let binaries: ServerBinaries?

    /// Makes the database with this build's schema, hands it to `body`, and removes it whatever happens.
    static func with<R>(_ options: DatabaseOptions, _ body: (BenchDatabase) async throws -> R) async throws -> R {
        options.isNamed
            ? try await onServer(try options.configuration(), body) : try await onPrivateServer(body)
    }

    private static func onServer<R>(
        _ server: PostgresConfiguration,
        _ body: (BenchDatabase) async throws -> R
    ) async throws -> R {
        let name = "stillhouse_bench_\(UUID().uuidString.prefix(8).lowercased())"
        let administration = Database(server, logger: DatabaseOptions.quietLogger, name: "command")
        try await administration.connect()
        let store = BenchDatabaseStore(administration)
        do {
            try await store.create(name)
        } catch {
            guard error.category == .permission else { throw error }
            throw CommandFailure(
                .forbidden,
                """
                "\(server.user)" may not create a database, and measurements keep out of those in use. Let it \
                (the attribute CREATEDB), name another login, or name no database: a private server then serves.
                """
            )
        }
        return try await ending({ try? await store.drop(name) }) {
            try await prepared(server.database(name), body)
        }
    }

    /// The same on a private server, whatever is named.
    static func onPrivateServer<R>(_ body: (BenchDatabase) async throws -> R) async throws -> R {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("stillhouse-bench-\(UUID().uuidString.prefix(8).lowercased())")
        let server = PrivateServer(
            PrivateServer.Configuration(directory: directory.path),
            binaries: try ServerBinaries.find(environment: ProcessEnvironment.all)
        )
        let end = {
            try? await server.stop()
            try? FileManager.default.removeItem(at: directory)
        }
        return try await ending({ _ = await end() }) { try await prepared(try await server.start(), body) }
    }

    private static func prepared<R>(
        _ configuration: PostgresConfiguration,
        _ body: (BenchDatabase) async throws -> R
    ) async throws -> R {
        let database = Database(configuration, logger: DatabaseOptions.quietLogger, name: "migrator")
        try await Migrator(Migration.all, logger: DatabaseOptions.quietLogger).up(database)
        await database.close()
        let binaries = try? ServerBinaries.find(environment: ProcessEnvironment.all)
        return try await body(BenchDatabase(configuration: configuration, binaries: binaries))
    }

    private static func ending<R>(_ end: () async -> Void, _ body: () async throws -> R) async throws -> R {
        do {
            let result = try await body()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    func connect(_ name: String) -> Database {
        Database(configuration, logger: DatabaseOptions.quietLogger, name: name)
    }
}

extension DatabaseOptions {
    /// Whether a flag or STILLHOUSE_DATABASE_URL names a database.
    var isNamed: Bool { databaseURL != nil || ProcessEnvironment[.databaseURL] != nil }
}
