import ArgumentParser

/// The group of commands for who may log in to the database.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Make, list and revoke database logins with no more rights than they need.",
        discussion: """
            For somebody who may create roles on the server. One login for each machine or group of machines that \
            trust each other, so that one can be revoked without the others.
            """,
        subcommands: [LoginCreateCommand.self, LoginListCommand.self, LoginRevokeCommand.self]
    )
}
