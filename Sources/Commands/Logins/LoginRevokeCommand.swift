import ArgumentParser
import Stores

/// Locks a login out.
struct LoginRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Lock a login out at once and give its jobs back.",
        discussion: """
            The role stays, so that the ledger's record of it keeps a meaning, but can no longer log in. Gradients that \
            it has handed in stay in the ledger.
            """
    )

    @Argument(help: "Name of the login.")
    var name: String

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let revocation = try await database.withDatabase { try await LoginStore($0).revoke(name) }
        print(
            """
            Revoked login \(name): closed \(revocation.sessionCount) sessions, gave back \(revocation.jobCount) jobs.
            """
        )
        if let count = revocation.connectionCount { return print("Ended \(count) connections.") }
        print(
            """
            Its connections stay until they end by themselves, as you may not end them. Grant pg_signal_backend to your \
            role and repeat, or restart the server.
            """
        )
    }
}
