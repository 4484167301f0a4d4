import Foundation
import Migrations
import Postgres
import TestSupport

/// A PostgreSQL of the test's own with a migrated database, to be crashed.
struct CrashableServer {
    private let directory: TestServerDirectory
    private let server: PrivateServer

    init() async throws {
        let binaries = try ServerBinaries.forTests()
        directory = try TestServerDirectory()
        var configuration = PrivateServer.Configuration(directory: directory.server)
        // The machine itself does not crash, so the kernel keeps what was written.
        configuration.settings = ["fsync": "off", "shared_buffers": "32MB", "restart_after_crash": "on"]
        server = PrivateServer(configuration, binaries: binaries)
        try await server.start()
        let database = database()
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(database)
        await database.close()
    }

    func database() -> Database { Database(server.connection, logger: TemporaryDatabase.silentLogger, name: "test") }

    /// What `pg_ctl stop -m immediate` does, followed by a start: UNLOGGED tables are empty afterwards.
    func crash() async throws {
        guard case .running(let postmaster) = await server.status() else { throw NotRunning() }
        kill(postmaster, SIGQUIT)
        try await eventually("the server is gone") { await server.status() == .stopped }
        try await server.start()
    }

    /// Kills the process behind one session, upon which the postmaster ends all others and recovers; it stays itself.
    func crashBackend() async throws {
        guard case .running(let postmaster) = await server.status() else { throw NotRunning() }
        let victim = database()
        let pid: Int = try await victim.query("SELECT pg_backend_pid() AS pid")[0].decode("pid")
        kill(pid_t(pid), SIGKILL)
        let witness = database()
        try await eventually("the server has recovered") {
            guard let rows = try? await witness.query("SELECT count(*) AS n FROM stillhouse.sentinel") else {
                return false
            }
            return try rows.first?.decode("n", as: Int.self) == 0
        }
        guard case .running(postmaster) = await server.status() else { throw NotRunning() }
    }

    func remove() { directory.remove() }

    struct NotRunning: Error {}
}
