import Foundation
import Postgres
import Stores

/// PostgreSQL's own benchmark as a yardstick: one client, prepared statements, which is its fastest way.
struct Pgbench {
    private let executable: URL
    private let configuration: PostgresConfiguration

    /// - Throws: `CommandFailure` where this machine has no pgbench.
    init(_ bench: BenchDatabase) throws {
        let path = ProcessEnvironment.all["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let folders = [bench.binaries?.directory].compactMap(\.self) + path.split(separator: ":").map(String.init)
        let found = folders.map { $0 + "/pgbench" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else {
            throw CommandFailure(
                .unavailable,
                "There is no pgbench on this machine to compare with. It comes with PostgreSQL's server (Debian and "
                    + "Ubuntu: apt install postgresql); put its directory on PATH if it is elsewhere."
            )
        }
        executable = URL(fileURLWithPath: found)
        configuration = bench.configuration
    }

    /// Runs the two calls of `QueueYardstick.script` until so many jobs are done.
    func jobsPerSecond(session: SessionID, jobs: Int, atOnce: Int) async throws -> Double {
        let script = FileManager.default.temporaryDirectory
            .appendingPathComponent("stillhouse-\(UUID().uuidString).sql")
        try QueueYardstick.script(session: session, count: atOnce).write(to: script, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: script) }
        let output = try await run(["-n", "-M", "prepared", "-c", "1", "-t", "\(jobs / atOnce)", "-f", script.path])
        guard let match = output.firstMatch(of: /tps = ([0-9.]+) \(without/), let rate = Double(match.1) else {
            throw CommandFailure(.unavailable, "pgbench gave no rate. It said: \(output)")
        }
        return rate * Double(atOnce)
    }

    /// The address goes through the environment: arguments show in the process list.
    private func run(_ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        var environment = ProcessEnvironment.all
        let variables = [
            "PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGDATABASE": "dbname", "PGPASSWORD": "password",
            "PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert", "PGSSLCERT": "sslcert", "PGSSLKEY": "sslkey",
            "PGSERVICE": "service", "PGPASSFILE": "passfile",
        ]
        for (variable, keyword) in variables { environment[variable] = configuration[option: keyword] }
        process.environment = environment
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        // A handful of lines: they fit into the pipe, so reading to the end cannot hold anything up.
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailure(.unavailable, "pgbench failed with status \(process.terminationStatus): \(output)")
        }
        return output
    }
}
