import ArgumentParser
import Postgres
import Stores

/// Looks at machine, server, schema and runs, and says how to mend what is wrong.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examine machine, server, schema and runs, and say how to mend each finding.",
        discussion: """
            Changes nothing. Without a reachable database it still examines the machine. Exit status 0 when nothing is \
            worse than a warning, 70 when a finding is an error; when the database cannot be reached 69, when it \
            refuses the login 77, when none is named 64.
            """
    )

    @Option(help: "Directory in which workers of this machine keep weights. By default below XDG_CACHE_HOME.")
    var cache: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let machine = Machine.read(
            environment: ProcessEnvironment.all,
            cacheDirectory: cache ?? ProcessEnvironment[.cacheDirectory] ?? ProcessEnvironment.cacheDirectory
        )
        let report = await Doctor(machine, logger: DatabaseOptions.quietLogger).examine { try database.configuration() }
        if output.isJSON { try JSONOutput.print(report) } else { print(report.text) }
        if report.status != .success { throw ExitCode(report.status.rawValue) }
    }
}
