import Foundation
import Migrations
import Postgres
import Stores
import TestSupport
import Testing

@Suite("Secrets") struct SecretsTests {
    private static let secret = "hunter2-is-the-secret"

    /// Every command that connects, with what it wants besides. One that is added without a line here fails the test.
    private static let commands: [String: [String]] = [
        "migrate up": [], "migrate down": [], "migrate status": [], "migrate validate": [],
        "login create": ["someone", "--role", "worker"], "login list": [], "login revoke": ["someone"],
        "verify": [], "gc": [], "run create": ["x", "--recipe", "clipself-tiny"], "run list": [], "run show": ["x"],
        "run pause": ["x"], "run fork": ["x", "--from", "y"], "run rewind": ["x"], "run samples": ["x"],
        "run metrics": ["x"], "doctor": [],
        "run resume": ["x"], "run cancel": ["x"],
        "coordinator start": ["--give-up", "0"], "aggregator start": ["--give-up", "0"],
        "worker start": ["--give-up", "0"], "status": [],
        "jobs list": [], "jobs show": ["1"], "jobs retry": ["1"], "jobs cancel": ["1", "--reason", "x"],
        "workers list": [], "workers drain": ["--all"], "weights list": ["x"],
        "evaluate regions": ["--run", "x", "--annotations", "/nonexistent", "--images", "/nonexistent"],
        "evaluate classification": ["--run", "x", "--images", "/nonexistent", "--classes", "/nonexistent"],
        "evaluate retrieval": ["--run", "x", "--pairs", "/nonexistent"],
        "segment": ["/nonexistent", "--run", "x", "--classes", "cat, dog"],
        "evaluate segmentation": [
            "--run", "x", "--images", "/nonexistent", "--layout", "folders", "--classes", "voc-20",
        ],
        "weights pull": ["x", "-o", "/nonexistent/x.safetensors"], "bench store": ["--megabytes", "1"],
        "bench queue": [],
    ]

    @Test("no command that connects shows a password, whatever goes wrong, and none takes one as an argument")
    func everyCommand() async throws {
        let server = try await GuardedServer()
        let administrator = Database(server.administrator, logger: TemporaryDatabase.silentLogger)
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(administrator)
        try await LoginStore(administrator)
            .create("ann", as: .owner, password: "another password altogether", connectionLimit: 32)
        await administrator.close()

        let directory = URL(fileURLWithPath: server.directory.path)
        let commands = try await Self.connectingCommands(in: directory)
        #expect(commands.count > 20)
        #expect(commands.subtracting(Self.commands.keys) == [], "add these to SecretsTests.commands")
        // Wrong password, nobody there, no such database, malformed.
        let urls = [
            "postgresql://ann:\(Self.secret)@\(server.address):5432/stillhouse",
            "postgresql://ann:\(Self.secret)@127.0.0.1:1/stillhouse",
            "postgresql://ann:\(Self.secret)@\(server.address):5432/elsewhere",
            "postgresql://ann:\(Self.secret)@\(server.address):54x32/stillhouse",
        ]
        for (index, command) in commands.sorted().enumerated() {
            let arguments = command.split(separator: " ").map(String.init) + (Self.commands[command] ?? [])
            // Each command meets one failure, and all of them the wrong password.
            for url in Set([urls[0], urls[index % urls.count]]) {
                let process = try RoleUnderTest(arguments, environment: ["STILLHOUSE_DATABASE_URL": url], in: directory)
                let shown = process.commandLine
                let status = await process.exitStatus() ?? 0
                #expect([64, 69, 77].contains(status), "\(command): \(status) \(process.text)")
                #expect(!process.text.contains(Self.secret), "\(command): \(process.text)")
                #expect(!shown.contains(Self.secret))
            }
        }
        for arguments in [
            ["status", "--database-url", urls[0]], ["status", urls[0]],
            ["run", "show", "--database-url=\(urls[3])", "x"],
            ["workers", "drain", urls[1]], ["status", "--database-url", "host=/tmp password=\(Self.secret)"],
        ] {
            let process = try RoleUnderTest(arguments, environment: [:], in: directory)
            #expect(await process.exitStatus() == 64, "\(process.text)")
            #expect(!process.text.contains(Self.secret), "\(process.text)")
        }
        #expect(try !server.log().contains(Self.secret))
        try await server.remove()
    }

    @Test("login create stores a verifier alone, and its password logs in; revoked, it does not")
    func loginCommands() async throws {
        let server = try await GuardedServer()
        let directory = URL(fileURLWithPath: server.directory.path)
        let administrator = Database(server.administrator, logger: TemporaryDatabase.silentLogger)
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(administrator)
        try await administrator.execute("ALTER SYSTEM SET log_statement = 'all'")
        try await administrator.execute("SELECT pg_reload_conf()")
        let url = "host=\(try #require(server.administrator[option: "host"])) user=stillhouse dbname=stillhouse"
        func run(_ arguments: [String], _ variables: [String: String] = [:]) async throws -> (Int32, String) {
            let process = try RoleUnderTest(
                arguments,
                environment: ["STILLHOUSE_DATABASE_URL": url].merging(variables) { $1 },
                in: directory
            )
            let status = try #require(await process.exitStatus())
            return (status, process.text)
        }
        let (status, text) = try await run(["login", "create", "reader-1", "--role", "reader", "--connections", "3"])
        #expect(status == 0, "\(text)")
        let password = try #require(text.firstMatch(of: /shown this once: (\S+)/)?.output.1)
        #expect(password.count == 32)
        #expect(try !server.log().contains(password))
        #expect(try server.log().contains("CREATE ROLE"))
        let again = try await run(["login", "create", "reader-1", "--role", "worker"])
        #expect(again.0 == 64 && again.1.contains("already"), "\(again.1)")

        let ownURL = "host=\(server.address) user=reader-1 dbname=stillhouse password=\(password)"
        let own = ["STILLHOUSE_DATABASE_URL": ownURL]
        #expect(try await run(["run", "list"], own).0 == 0)
        #expect(try await run(["login", "create", "reader-2", "--role", "owner"], own).0 == 77)
        #expect(try await run(["migrate", "down"], own).0 == 77)
        let list = try await run(["login", "list"])
        #expect(list.1.contains(/reader-1 +reader +admitted +0 +3/), "\(list.1)")
        let revoked = try await run(["login", "revoke", "reader-1"])
        #expect(revoked.0 == 0, "\(revoked.1)")
        #expect(try await run(["run", "list"], own).0 == 77)
        #expect(try await run(["login", "revoke", "nobody"]).0 == 64)
        await administrator.close()
        try await server.remove()
    }

    /// From the program's own description of itself: the leaves that take `--database-url`.
    private static func connectingCommands(in directory: URL) async throws -> Set<String> {
        struct Tool: Decodable {
            let command: Command
        }
        struct Command: Decodable {
            let commandName: String
            let subcommands: [Command]?
            let arguments: [Argument]?
        }
        struct Argument: Decodable {
            let names: [Name]?
        }
        struct Name: Decodable {
            let name: String
        }
        let process = try RoleUnderTest(["--experimental-dump-help"], environment: [:], in: directory)
        #expect(await process.exitStatus() == 0)
        var found: Set<String> = []
        func visit(_ command: Command, _ path: [String]) {
            let takesDatabase = command.arguments?.contains { $0.names?.contains { $0.name == "database-url" } == true }
            if takesDatabase == true { found.insert(path.joined(separator: " ")) }
            for child in command.subcommands ?? [] { visit(child, path + [child.commandName]) }
        }
        visit(try JSONDecoder().decode(Tool.self, from: Data(process.text.utf8)).command, [])
        return found
    }
}
