import ArgumentParser
import Postgres

/// Ends all sessions and shuts the server down; what it stores stays.
struct ServerStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop the server; its data stays.",
        discussion: "Daemons that use it lose their sessions and wait for it to come back. Harmless when it is stopped."
    )

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let server = try options.server()
        let before = await server.status()
        try await server.stop()
        switch before {
        case .absent: print("There is no server in \(server.configuration.directory).")
        case .stopped: print("The server was stopped already.")
        case .running, .unresponsive: print("The server is stopped.")
        }
    }
}
