import ArgumentParser

/// The group of commands for a PostgreSQL of one's own.
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Run a private PostgreSQL on this machine.",
        discussion: """
            It has a data directory of its own, listens on a Unix socket only, and goes on running after the command \
            that started it. Use it to try things or to train on one machine; for several machines, set up a PostgreSQL \
            that all of them reach.
            """,
        subcommands: [ServerStartCommand.self, ServerStopCommand.self, ServerURLCommand.self, ServerStatusCommand.self]
    )
}
