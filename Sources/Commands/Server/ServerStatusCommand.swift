import ArgumentParser
import Postgres

/// Tells whether the server runs; the exit status says it to scripts.
struct ServerStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell whether the server runs.",
        discussion: "Exit status 0 when it runs and takes connections, 69 otherwise."
    )

    @OptionGroup var options: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let server = try options.server()
        let report = Report(await server.status(), of: server)
        if output.isJSON {
            try JSONOutput.print(report)
        } else {
            print(report.text)
        }
        if report.state != .running { throw ExitCode(ExitStatus.unavailable.rawValue) }
    }

    /// What is printed.
    struct Report: Encodable {
        enum State: String, Encodable { case absent, stopped, running, unresponsive }

        let state: State
        let directory: String
        let url: String
        let processID: Int32?

        init(_ status: PrivateServer.Status, of server: PrivateServer) {
            directory = server.configuration.directory
            url = server.url
            switch status {
            case .absent: (state, processID) = (.absent, nil)
            case .stopped: (state, processID) = (.stopped, nil)
            case .running(let process): (state, processID) = (.running, process)
            case .unresponsive(let process): (state, processID) = (.unresponsive, process)
            }
        }

        var text: String {
            switch state {
            case .absent: "absent: there is no server in \(directory). Make one: stillhouse server start"
            case .stopped: "stopped: \(directory). Start it: stillhouse server start"
            case .running: "running: process \(processID ?? 0), \(directory)\n\(url)"
            case .unresponsive:
                "unresponsive: process \(processID ?? 0), \(directory). It is starting, recovering or stopping; see its log."
            }
        }
    }
}
