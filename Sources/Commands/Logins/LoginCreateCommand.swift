import ArgumentParser
import Stores

/// Makes a login.
struct LoginCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a login for workers, readers or owners.",
        discussion: """
            worker: calls the worker functions and reads weights. reader: status, lists, weights. owner: everything; \
            coordinators and aggregators. The password is generated and printed once, unless it is given on standard \
            input; only its SCRAM verifier is sent to the server.
            """
    )

    @Argument(help: "Name of the new login.")
    var name: String

    @Option(name: .customLong("role"), help: "worker, reader or owner.")
    var role: LoginRole

    @Option(name: .customLong("connections"), help: "At most so many at once; by default 16, 8 and 32.")
    var connectionLimit: Int?

    @Flag(name: .customLong("password-stdin"), help: "Read the password from the first line of standard input.")
    var readsPassword = false

    @OptionGroup var database: DatabaseOptions

    func validate() throws {
        if let connectionLimit, connectionLimit < 1 {
            throw ValidationError("--connections is \(connectionLimit); a login needs at least one.")
        }
    }

    func run() async throws {
        let limit = connectionLimit ?? role.connectionLimit
        var password = Password.generated()
        if readsPassword {
            guard let line = readLine(), !line.isEmpty else {
                throw CommandFailure(.usage, "Standard input holds no password. Pipe it in, as one line.")
            }
            password = line
        }
        let chosen = password
        try await database.withDatabase { database in
            try await LoginStore(database).create(name, as: role, password: chosen, connectionLimit: limit)
        }
        print("Created login \(name): \(role.rawValue), at most \(limit) connections.")
        if !readsPassword { print("Its password, shown this once: \(chosen)") }
    }
}
