import ArgumentParser
import Foundation
import Postgres

/// Prints where the server is to be found, and nothing else on standard output.
struct ServerURLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "url",
        abstract: "Print the server's database URL.",
        discussion: "export STILLHOUSE_DATABASE_URL=$(stillhouse server url)"
    )

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let server = try options.server()
        print(server.url)
        switch await server.status() {
        case .running: return
        case .absent, .stopped, .unresponsive:
            FileHandle.standardError.write(Data("Note: it does not run. Start it: stillhouse server start\n".utf8))
        }
    }
}
