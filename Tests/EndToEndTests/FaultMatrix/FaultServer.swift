import Foundation
import Migrations
import Postgres
import TestSupport
import Testing

/// A PostgreSQL that a row may harm, with the schema in its database.
final class FaultServer {
    /// Which server a row runs on.
    enum Choice: Sendable {
        case shared
        /// One of its own, with further lines of postgresql.conf.
        case own([String: String] = [:])
        /// One of its own, on a disk of so many mebibytes.
        case ownOnSmallDisk(mebibytes: Int)
    }

    let configuration: PostgresConfiguration
    private let server: PrivateServer
    private let directory: TestServerDirectory
    private let disk: SmallDisk?

    init(settings: [String: String] = [:], disk mebibytes: Int? = nil) async throws {
        let directory = try TestServerDirectory()
        self.directory = directory
        disk = try mebibytes.map { try SmallDisk(at: directory.server, mebibytes: $0) }
        var configuration = PrivateServer.Configuration(directory: directory.server)
        configuration.settings = [
            "fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB",
            // A session whose peer vanished in mid-transaction holds its locks for so long.
            "idle_in_transaction_session_timeout": "3s", "client_connection_check_interval": "1s",
        ].merging(settings) { $1 }
        server = try PrivateServer(configuration, binaries: .forTests())
        self.configuration = try await server.start()
        let database = Database(self.configuration, logger: TemporaryDatabase.silentLogger)
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(database)
        await database.close()
    }

    /// Ends the server and deletes everything.
    func remove() {
        disk?.release()
        directory.endServer()
        disk?.unmount()
        directory.remove()
    }

    /// What the server has logged.
    var log: String { (try? String(contentsOfFile: directory.server + "/server.log", encoding: .utf8)) ?? "" }

    func start() async throws { try await server.start() }

    /// Ends all sessions, keeps everything.
    func stopFast() async throws { try await server.stop() }

    /// The postmaster's process number.
    func postmaster() throws -> Int32 {
        try #require(Postmaster(file: directory.server + "/data/postmaster.pid")).processIdentifier
    }

    /// Sends the postmaster a signal and waits until it is gone: SIGQUIT is an immediate stop, SIGKILL a crash.
    func end(by signal: Int32) async throws {
        let file = directory.server + "/data/postmaster.pid"
        let postmaster = try #require(Postmaster(file: file))
        kill(postmaster.processIdentifier, signal)
        while postmaster.isAlive(in: directory.server + "/data") { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Goes down like this and comes up again.
    /// - Parameter database: finds a session to kill.
    func suffer(_ crash: ServerCrash, over database: Database) async throws {
        switch crash {
        case .immediateStop: try await end(by: SIGQUIT)
        case .killedPostmaster: try await end(by: SIGKILL)
        case .killedBackend: try await killBackend(over: database)
        }
        try await start()
    }

    /// The postmaster then ends all other sessions and recovers by itself.
    private func killBackend(over database: Database) async throws {
        let rows = try await database.query(
            """
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' LIMIT 1
            """,
            retry: .idempotent
        )
        guard let victim = try rows.first?.decode("pid", as: Int32.self) else { return }
        let crashes = crashCount
        kill(victim, SIGKILL)
        while crashCount == crashes { try await Task.sleep(for: .milliseconds(5)) }
    }

    private var crashCount: Int { log.components(separatedBy: "all server processes terminated").count }

    func fillDisk() throws { try #require(disk).fill() }
    func freeDisk() throws { try #require(disk).release() }
}
