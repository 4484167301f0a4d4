import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Private server")
struct PrivateServerTests {
    private let binaries: ServerBinaries

    init() throws { binaries = try ServerBinaries.forTests() }

    private func server(in directory: String) -> PrivateServer {
        var configuration = PrivateServer.Configuration(directory: directory)
        configuration.settings = ["fsync": "off", "shared_buffers": "128MB"]
        return PrivateServer(configuration, binaries: binaries)
    }

    private func pid(_ server: PrivateServer) async -> Int32? {
        if case .running(let pid) = await server.status() { pid } else { nil }
    }

    private func connected(_ configuration: PostgresConfiguration) async throws -> PostgresConnection {
        let connection = PostgresConnection(configuration, logger: TemporaryDatabase.silentLogger)
        try await connection.connect()
        return connection
    }

    @Test("it starts once, is found again, survives kill -9 and a stale file, and keeps its data")
    func life() async throws {
        let directory = try TestServerDirectory()
        defer { directory.remove() }
        let server = server(in: directory.server)
        #expect(await server.status() == .absent)
        try await server.stop()

        let configuration = try await server.start()
        let first = try #require(await pid(server))
        let connection = try await connected(configuration)
        try await connection.execute("CREATE TABLE t AS SELECT 42 AS x")
        let settings = try await connection.query(
            "SELECT current_setting('listen_addresses') AS network, current_setting('max_connections') AS connections"
        )[0]
        #expect(try settings.decode("network", as: String.self) == "")
        #expect(try settings.decode("connections", as: String.self) == "200")

        // Another process would know no more than the directory.
        let finder = self.server(in: directory.server + "/")
        #expect(try await finder.start() == configuration)
        #expect(await pid(finder) == first)
        let byURL = try await connected(try PostgresConfiguration(parsing: finder.url))
        #expect(try await byURL.query("SELECT x FROM t").count == 1)

        #expect(kill(first, SIGKILL) == 0)
        try await eventually("the server is gone") { await server.status() == .stopped }
        try await server.start()
        let second = try #require(await pid(server))
        #expect(second != first)
        #expect(try await connected(configuration).query("SELECT x FROM t").count == 1)

        try await server.stop()
        #expect(await server.status() == .stopped)
        try await server.stop()

        // The number in a stale file may belong to anybody by now, for example to us.
        let file = directory.server + "/data/postmaster.pid"
        try "\(getpid())\n\(directory.server)/data\n0\n5432\n".write(toFile: file, atomically: false, encoding: .utf8)
        #expect(await server.status() == .stopped)
        try await server.start()
        #expect(try await connected(configuration).query("SELECT x FROM t").count == 1)
        try await server.stop()
    }

    @Test("two starters at once get the same server, also over an initdb that was killed")
    func race() async throws {
        let directory = try TestServerDirectory()
        defer { directory.remove() }
        let first = server(in: directory.server)
        let second = server(in: directory.server)
        try await withThrowingTaskGroup { group in
            for server in [first, second, first] { group.addTask { try await server.start() } }
            try await group.waitForAll()
        }
        let number = await pid(first)
        #expect(number != nil)
        #expect(await pid(second) == number)
        let mode = try FileManager.default.attributesOfItem(atPath: directory.server)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o700)
    }

    @Test("what a killed initdb left is begun anew")
    func unfinished() async throws {
        let directory = try TestServerDirectory()
        defer { directory.remove() }
        let server = server(in: directory.server)
        try await server.start()
        try await server.stop()
        let data = directory.server + "/data"
        try FileManager.default.moveItem(atPath: data, toPath: data + ".unfinished")
        #expect(await server.status() == .absent)
        try await server.start()
        #expect(!FileManager.default.fileExists(atPath: data + ".unfinished"))
    }

    @Test("a group that is let in may pass the directories of server and socket, and nothing else")
    func admittedGroup() async throws {
        let directory = try TestServerDirectory()
        defer { directory.remove() }
        var configuration = PrivateServer.Configuration(directory: directory.server)
        configuration.settings = ["fsync": "off", "shared_buffers": "128MB"]
        configuration.admittedGroup = getegid()
        try await PrivateServer(configuration, binaries: binaries).start()
        let modes = try ["", "/socket", "/data"].map { name in
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.server + name)
            return (attributes[.posixPermissions] as? NSNumber)?.intValue
        }
        #expect(modes == [0o750, 0o750, 0o700])
    }

    @Test("a wrong or missing password is told apart and never shown")
    func password() async throws {
        let directory = try TestServerDirectory()
        defer { directory.remove() }
        let server = server(in: directory.server)
        var configuration = try await server.start()
        let connection = try await connected(configuration)
        try await connection.script(
            """
            CREATE ROLE ann LOGIN PASSWORD 'correct';
            COPY (VALUES ('local all ann scram-sha-256'), ('local all all trust'))
            TO '\(directory.server)/data/pg_hba.conf';
            """
        )
        try await server.stop()
        try await server.start()
        configuration[option: "user"] = "ann"
        for password in ["hunter2", nil] {
            configuration[option: "password"] = password
            let wrong = configuration
            let error = try #require(await #expect(throws: PostgresError.self) { try await connected(wrong) })
            #expect(error.sqlState == .invalidPassword)
            #expect(error.category == .permission)
            #expect(error.message.contains("refuses the password of \"ann\""))
            #expect(!"\(error) \(String(reflecting: error))".contains("hunter2"))
        }
        configuration[option: "password"] = "correct"
        _ = try await connected(configuration)
    }

    @Test("a socket path that is too long is refused before anything is made")
    func longPath() async throws {
        let directory = "/tmp/" + String(repeating: "d", count: 90)
        let error = try #require(await #expect(throws: PostgresError.self) { try await server(in: directory).start() })
        #expect(error.kind == .privateServer)
        #expect(error.message.contains("a path of 116 bytes; the system allows 107"))
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test("somebody else's full directory is left alone")
    func foreignDirectory() async throws {
        let before = try FileManager.default.attributesOfItem(atPath: "/usr")[.posixPermissions] as? NSNumber
        let error = try #require(await #expect(throws: PostgresError.self) { try await server(in: "/usr").start() })
        #expect(error.message.hasPrefix("/usr belongs to another user"))
        #expect(try FileManager.default.attributesOfItem(atPath: "/usr")[.posixPermissions] as? NSNumber == before)
    }

    @Test("a directory that cannot be reached or made is named")
    func closedParent() async throws {
        let directory = try TestServerDirectory()
        defer { directory.remove() }
        // For root's server another user is in the way, for an ordinary one the missing right to write.
        let closed = directory.path + "/closed"
        let mode = geteuid() == 0 ? 0o700 : 0o500
        try FileManager.default.createDirectory(
            atPath: closed,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: mode]
        )
        let error = try #require(
            await #expect(throws: PostgresError.self) { try await server(in: closed + "/server").start() }
        )
        #expect(error.kind == .privateServer)
        #expect(error.message.contains(closed))
        #expect(error.nextStep?.contains("Choose a data directory") == true)
    }

    @Test("the default directory follows XDG for a user, and is the system's for root")
    func defaultDirectory() {
        let directory = PrivateServer.Configuration.defaultDirectory(environment: ["XDG_DATA_HOME": "/data"])
        #expect(directory == (geteuid() == 0 ? "/var/lib/stillhouse/postgres" : "/data/stillhouse/postgres"))
    }

    @Test("without a new enough PostgreSQL the message says what to install")
    func noBinaries() {
        let error = #expect(throws: PostgresError.self) {
            try ServerBinaries.find(environment: ["PATH": "/nonexistent"], roots: [])
        }
        #expect(error?.message == "no PostgreSQL 15 or newer on this machine")
        #expect(error?.nextStep?.contains("apt install postgresql") == true)
    }
}
