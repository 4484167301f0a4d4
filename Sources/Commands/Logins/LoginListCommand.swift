import ArgumentParser
import Stores

/// Lists logins.
struct LoginListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the logins of Stillhouse's groups."
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let entries = try await database.withDatabase { try await LoginStore($0).list() }.map(Entry.init)
        if output.isJSON { return try JSONOutput.print(entries) }
        var table = TextTable([
            ("login", .left), ("roles", .left), ("state", .left), ("connections", .right), ("limit", .right),
        ])
        for entry in entries {
            table.append([
                entry.name, entry.roles.joined(separator: ", "), entry.isAdmitted ? "admitted" : "revoked",
                "\(entry.connections)", entry.connectionLimit.map(String.init) ?? "-",
            ])
        }
        print(table.text)
    }

    /// One line of the list.
    struct Entry: Encodable {
        let name: String
        let roles: [String]
        let isAdmitted: Bool
        let connections: Int
        let connectionLimit: Int?

        init(_ login: Login) {
            (name, roles, isAdmitted) = (login.name, login.roles.map(\.rawValue), login.isAdmitted)
            (connections, connectionLimit) = (login.connectionCount, login.connectionLimit)
        }
    }
}
