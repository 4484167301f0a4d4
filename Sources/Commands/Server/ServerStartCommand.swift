import ArgumentParser
import Postgres

/// Starts the server and makes its database, or finds both there.
struct ServerStartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the server, and make it on the first call.",
        discussion: """
            Prints the line that points the other commands to it, so that a shell can take it over at once:

              eval "$(stillhouse server start)"

            Harmless when the server runs already. The database has no schema yet; `stillhouse migrate up` makes it.
            """
    )

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let server = try options.server()
        try await server.start()
        print("export STILLHOUSE_DATABASE_URL='\(server.url)'")
    }
}
