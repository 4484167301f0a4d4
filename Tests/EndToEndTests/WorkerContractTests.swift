import Foundation
import Migrations
import Postgres
import Stores
import TestSupport
import Testing

@Suite("The worker's contract", .temporaryDatabase(.empty)) struct WorkerContractTests {
    private var article: String {
        get throws {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let path = "Sources/stillhouse/Documentation.docc/WorkerContract.md"
            return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        }
    }

    @Test("the session in the article does one job, as psql with a worker's login runs it")
    func session() async throws {
        let temporary = try TemporaryDatabase.current
        let database = temporary.database()
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(database)
        let login = "psql_\(temporary.configuration.database)"
        try await LoginStore(database)
            .create(login, as: .worker, password: "a password of some length", connectionLimit: 1)
        let fleet = try await Fleet()
        let run = try await fleet.createRun("by-hand")
        // psql holds the gradient in a variable, which a small part suits; what is left of the layout is one part.
        try await database.execute("UPDATE stillhouse.run SET parameter_count = 10 WHERE run_id = \(run.id)")
        let coordinator = try fleet.start(["coordinator", "start"])
        let jobs = JobStore(database)
        try await eventually("there are jobs") { try await jobs.counts(of: run.id)[.available] ?? 0 > 0 }
        let script = try #require(try article.firstMatch(of: /```sql\n([\s\S]*?)```/)?.output.1)
        try String(script).write(toFile: fleet.file("session.sql"), atomically: true, encoding: .utf8)
        let output = try psql(
            ["--set", "run=\(run.name)", "--file", fleet.file("session.sql")],
            as: login,
            temporary.configuration
        )
        #expect(output.contains(/outcome \| alias *\n-+\+-+\n ok\s/), "\(output)")
        #expect(output.contains(/first_answer *\n-+\n ok\n/), "\(output)")
        #expect(output.contains(/second_answer *\n-+\n already\n/), "\(output)")
        #expect(output.contains(/closed *\n-+\n t\n/), "\(output)")
        #expect(output.contains(/\| t\n/) && !output.contains("ERROR"), "\(output)")
        #expect(try await jobs.counts(of: run.id)[.submitted] == 1)
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("every function that takes a session is described with its very signature and answer")
    func signatures() async throws {
        let database = try TemporaryDatabase.current.database()
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(database)
        let words = { (text: String) in text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        let text = words(try article.replacing("(\n", with: "("))
        let rows = try await database.query(
            """
            SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ') RETURNS ' || pg_get_function_result(oid)
                AS signature
            FROM pg_proc WHERE pronamespace = 'stillhouse'::regnamespace AND 'p_session' = ANY (proargnames)
            """
        )
        #expect(rows.count >= 8)
        for row in rows {
            let signature = words(try row.decode("signature")).replacing("RETURNS TABLE(", with: "RETURNS TABLE (")
                .replacing("timestamp with time zone", with: "timestamptz")
            #expect(text.contains(signature), "WorkerContract.md lacks \(signature)")
        }
    }

    private func psql(_ arguments: [String], as login: String, _ target: PostgresConfiguration) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["psql", "--no-psqlrc", "--no-password", "--set", "ON_ERROR_STOP=1"]
            + ["--host", target[option: "host"] ?? "", "--username", login, "--dbname", target.database] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(output)")
        return output
    }
}
