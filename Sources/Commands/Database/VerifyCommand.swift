import ArgumentParser
import Postgres
import Stores

/// Checks the ledger's invariants, and whether two runs have one history.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that every job counted once and every version is what its gradients make.",
        discussion: """
            Reads one snapshot and changes nothing, so that it may be used beside running daemons. Exit status 0 when \
            all invariants hold and, with --compare, the histories agree; 70 otherwise.
            """
    )

    @Flag(name: .customLong("deep"), help: "Also hash every stored chunk: minutes on a large database.")
    var isDeep = false

    @Option(
        name: .customLong("compare"),
        parsing: .upToNextOption,
        help: ArgumentHelp("Two runs whose histories shall be equal, bit by bit.", valueName: "run> <run")
    )
    var compared: [String] = []

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !compared.isEmpty, compared.count != 2 {
            throw ValidationError("--compare takes the names of two runs, not \(compared.count).")
        }
    }

    func run() async throws {
        let verdict = try await database.withDatabase { database in
            var verdict = LedgerVerdict(try await LedgerVerifier(database).verify(deep: isDeep))
            if let one = compared.first, let other = compared.last {
                verdict.comparison = try await HistoryComparison.read(database, one, other)
            }
            return verdict
        }
        if output.isJSON { try JSONOutput.print(verdict) } else { print(verdict.text) }
        if !verdict.isSound { throw ExitCode(ExitStatus.broken.rawValue) }
    }
}
