import ArgumentParser
import Foundation
import Postgres

/// Which private server a command means.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the server keeps its data, log and socket.",
            discussion: "Without it: stillhouse/postgres in the user's data directory, or in /var/lib for root."
        )
    )
    var directory: String?

    /// The server, whether it exists yet or not.
    /// - Throws: `PostgresError` when this machine has no PostgreSQL to run it with.
    func server() throws -> PrivateServer {
        let environment = ProcessEnvironment.all
        var configuration = PrivateServer.Configuration(
            directory: directory ?? PrivateServer.Configuration.defaultDirectory(environment: environment)
        )
        // Who becomes root by sudo wants to reach the server as the user, too.
        if geteuid() == 0 { configuration.admittedGroup = environment["SUDO_GID"].flatMap(UInt32.init) }
        return PrivateServer(configuration, binaries: try ServerBinaries.find(environment: environment))
    }
}
