import ArgumentParser
import Postgres
import Stores

/// Checks the ledger's invariants, and whether two runs have one history.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks that every job counted once and every version is what its gradients make.",
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
            var verdict = Verdict(try await LedgerVerifier(database).verify(deep: isDeep))
            if let one = compared.first, let other = compared.last {
                verdict.comparison = try await Comparison.read(database, one, other)
            }
            return verdict
        }
        if output.isJSON { try JSONOutput.print(verdict) } else { print(verdict.text) }
        if !verdict.isSound { throw ExitCode(ExitStatus.broken.rawValue) }
    }
}

extension VerifyCommand {
    /// What was found.
    struct Verdict: Encodable {
        struct Entry: Encodable {
            let number: Int
            let name: String
            let isHonoured: Bool
            /// JSON objects with the keys of rows that break it, a few of them.
            let violations: [String]
        }

        let invariants: [Entry]
        var comparison: Comparison?

        init(_ reports: [InvariantReport]) {
            invariants = reports.map {
                Entry(number: $0.number, name: $0.name, isHonoured: $0.isHonoured, violations: $0.violations)
            }
        }

        var isSound: Bool { invariants.allSatisfy(\.isHonoured) && comparison?.firstDifference == nil }

        var text: String {
            var lines: [String] = []
            let width = invariants.map(\.name.count).max() ?? 0
            for entry in invariants {
                let number = String(repeating: " ", count: entry.number < 10 ? 1 : 0) + "\(entry.number)"
                let name = entry.name + String(repeating: " ", count: width - entry.name.count)
                lines.append("\(number)  \(name)  \(entry.isHonoured ? "ok" : "VIOLATED")")
                lines += entry.violations.map { "      \($0)" }
            }
            if let comparison { lines.append(comparison.text) }
            let broken = invariants.filter { !$0.isHonoured }.count
            lines.append(
                broken == 0
                    ? "All \(invariants.count) invariants hold."
                    : "\(broken) of \(invariants.count) invariants are violated. Stop the daemons and keep this output."
            )
            return lines.joined(separator: "\n")
        }
    }

    /// Two histories beside each other.
    struct Comparison: Encodable {
        let runs: [String]
        /// Versions that both have.
        let versions: Int
        let firstDifference: Int?

        static func read(_ database: Database, _ one: String, _ other: String) async throws -> Comparison {
            let store = RunStore(database)
            let (first, second) = (try await store.run(named: one), try await store.run(named: other))
            return Comparison(
                runs: [one, other],
                versions: min(first.head.number, second.head.number) + 1,
                firstDifference: try await LedgerVerifier(database).firstDifference(between: first.id, and: second.id)
            )
        }

        var text: String {
            let pair = runs.joined(separator: " and ")
            return firstDifference.map { "\(pair) DIFFER from version \($0) on." }
                ?? "\(pair) are equal in all \(versions) versions that both have."
        }
    }
}
