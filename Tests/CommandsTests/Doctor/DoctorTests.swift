import ArgumentParser
import Commands
import Postgres
import Stores
import TestSupport
import Testing

@Suite("Doctor")
struct DoctorTests {
    private func doctor() throws -> (Doctor, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        let machine = Machine.read(environment: [:], cacheDirectory: directory.path)
        return (Doctor(machine, logger: TemporaryDatabase.silentLogger), directory)
    }

    @Test("examines everything; a migrated database has no complaint in its schema", .temporaryDatabase(.migrated))
    func healthy() async throws {
        let database = try TemporaryDatabase.current
        let (doctor, _) = try doctor()
        let report = await doctor.examine { database.configuration }
        #expect(report.chapters.map(\.title) == ["Machine", "Server", "Schema", "Traffic", "Runs"])
        let schema = try #require(report.chapters.first { $0.title == "Schema" })
        #expect(schema.findings.filter { $0.severity > .note } == [])
        // The tests' server is fast rather than safe, and doctor says so.
        let server = try #require(report.chapters.first { $0.title == "Server" })
        #expect(server.findings.filter { $0.severity == .error }.map(\.object) == ["fsync", "full_page_writes"])
        #expect(report.status == .broken)
    }

    @Test("an empty database is examined too, and wants `migrate up`", .temporaryDatabase(.empty))
    func empty() async throws {
        let database = try TemporaryDatabase.current
        let (doctor, _) = try doctor()
        let report = await doctor.examine { database.configuration }
        let schema = try #require(report.chapters.first { $0.title == "Schema" })
        #expect(schema.findings.contains { $0.remedy == "stillhouse migrate up" })
        #expect(!report.text.contains("not examined"))
    }

    @Test("without a database it still reports on the machine, and why there is none")
    func unreachable() async throws {
        let (doctor, directory) = try doctor()
        let nowhere = PostgresConfiguration(host: directory.path, user: "ann", database: "stillhouse")
        let report = await doctor.examine { nowhere }
        #expect(report.chapters.map(\.title) == ["Machine", "Server"])
        let finding = try #require(report.chapters.last?.findings.first)
        #expect(finding.severity == .error)
        #expect(finding.object == "database")
        #expect(report.status == .unavailable)
    }

    @Test("without an address the machine is examined too, and the status is that of wrong usage")
    func unnamed() async throws {
        let (doctor, _) = try doctor()
        let report = await doctor.examine { throw CommandFailure(.usage, "No database is named.") }
        #expect(report.chapters.first?.title == "Machine")
        #expect(report.chapters.last?.findings.first?.found == "No database is named.")
        #expect(report.status == .usage)
    }

    @Test("the command ends with the report's status", arguments: [[], ["--json"]])
    func command(options: [String]) async throws {
        let directory = try TemporaryDirectory()
        let address = "host=\(directory.path) user=ann dbname=stillhouse"
        let arguments = ["doctor", "--database-url", address, "--cache", directory.path] + options
        let code = try #require(await #expect(throws: ExitCode.self) { try await CommandLine.run(arguments) })
        #expect(code.rawValue == ExitStatus.unavailable.rawValue)
    }
}
