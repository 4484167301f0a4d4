import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Errors", .temporaryDatabase(.empty))
struct PostgresErrorTests {
    /// What connecting to a place ends in.
    private func failure(_ configuration: PostgresConfiguration) async throws -> PostgresError {
        let connection = PostgresConnection(configuration, logger: TemporaryDatabase.silentLogger)
        return try #require(await #expect(throws: PostgresError.self) { try await connection.connect() })
    }

    @Test("a refused connection says that nothing listens there")
    func refused() async throws {
        let error = try await failure(.init(parsing: "postgresql://ann:hunter2@127.0.0.1:1/ledger"))
        #expect(error.kind == .unreachable)
        #expect(error.category == .connectionLoss)
        #expect(error.isUnexecuted)
        #expect(error.message.contains("connection refused"))
        #expect(error.message.contains("postgresql://ann@127.0.0.1:1/ledger"))
        #expect(error.nextStep?.contains("Start the server") == true)
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test("a missing socket says that no server runs there")
    func missingSocket() async throws {
        let error = try await failure(.init(host: "/nonexistent", user: "ann", database: "ledger"))
        #expect(error.message.contains("no such socket"))
        #expect(error.category == .connectionLoss)
    }

    @Test("an unknown host is told apart")
    func unknownHost() async throws {
        let error = try await failure(.init(parsing: "postgresql://ann:hunter2@nowhere.invalid/ledger"))
        #expect(error.message.contains("the host name cannot be resolved"))
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test("an unknown database is named, and is no reason to try again")
    func unknownDatabase() async throws {
        let error = try await failure(try TemporaryDatabase.current.configuration.database("atlantis"))
        #expect(error.sqlState == .unknownDatabase)
        #expect(error.category == .configuration)
        #expect(error.message.contains("there is no database \"atlantis\""))
        #expect(error.nextStep?.contains("createdb atlantis") == true)
    }

    @Test("an unknown role is a matter of permission")
    func unknownRole() async throws {
        var configuration = try TemporaryDatabase.current.configuration
        configuration[option: "user"] = "nobody_we_know"
        let error = try await failure(configuration)
        #expect(error.category == .permission)
        #expect(error.message.contains("nobody_we_know"))
    }

    @Test(
        "a missing table or function asks for migrations",
        arguments: ["stillhouse.job", "stillhouse.job_claim_v1()"]
    )
    func missingSchema(object: String) async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT * FROM \(unescaped: object)")
        }
        #expect(error?.nextStep?.contains("stillhouse migrate up") == true)
    }

    @Test("values that the server quotes in its message are taken out")
    func quotedValues() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let queries: [Query] = [
            "SELECT \("hunter2")::integer", "SELECT \("hunter2")::uuid", "SELECT \("hunter2")::timestamptz",
            "SELECT \("hunter2")::jsonb", "SELECT \("a\"hunter2\"b")::bigint",
        ]
        for query in queries {
            let error = try #require(
                await #expect(throws: PostgresError.self) { try await connection.query(query) }
            )
            #expect(error.sqlState?.rawValue.hasPrefix("22") == true)
            #expect(!"\(error)".contains("hunter2"))
            #expect(!String(reflecting: error).contains("hunter2"))
        }
    }

    @Test("a violated constraint is named, the row is not")
    func detailLeftOut() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.execute(
            "CREATE TABLE t (x text CONSTRAINT once UNIQUE, CONSTRAINT plain CHECK (x <> 'y'))"
        )
        try await connection.execute("INSERT INTO t VALUES (\("hunter2"))")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.execute("INSERT INTO t VALUES (\("hunter2"))")
        }
        #expect(error?.constraint == "once")
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }

    @Test(
        "categories follow the server's codes",
        arguments: [
            ("08006", PostgresError.Category.connectionLoss), ("57P01", .connectionLoss), ("57P02", .connectionLoss),
            ("57P03", .connectionLoss), ("53300", .connectionLoss), ("40001", .contention), ("40P01", .contention),
            ("55P03", .contention), ("42501", .permission), ("28P01", .permission), ("3D000", .configuration),
            ("23505", .other), ("42601", .other), ("25006", .connectionLoss), ("57P05", .connectionLoss),
            ("53100", .unavailable), ("53200", .unavailable), ("53000", .unavailable), ("58030", .unavailable),
            ("57014", .unavailable), ("SH002", .unavailable), ("SH001", .other),
        ]
    )
    func categories(code: String, category: PostgresError.Category) {
        let error = PostgresError(.server, "x", sqlState: SQLState(rawValue: code))
        #expect(error.category == category)
    }
}
