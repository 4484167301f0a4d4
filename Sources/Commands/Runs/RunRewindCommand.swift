import ArgumentParser
import Stores

/// Takes a run back to a durable version.
struct RunRewindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewind",
        abstract: "Take a run back to a durable version, from which the rest is computed again.",
        discussion: """
            Without --yes it only says what would be given up. `stillhouse weights list NAME` marks durable versions; the \
            newest one at or below --to is taken. A finished run goes on, a blocked one stays blocked until \
            `stillhouse run resume`. What was given up stays in the ledger as lost, and this cannot be undone; but the \
            same versions come out again, unless samples or jobs were taken out in between.
            """
    )

    @Argument(help: "Name of the run.")
    var name: String

    @Option(name: .customLong("to"), help: "Go back to this version, or below; by default to the newest durable one.")
    var number: Int?

    @Option(help: "Why; stored with the event.")
    var reason = "rewound by an operator"

    @Flag(name: .customLong("yes"), help: "Do it.")
    var isConfirmed = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let number, number < 0 { throw ValidationError("--to: versions are numbered from 0.") }
    }

    func run() async throws {
        let (run, rewind) = try await database.withDatabase { database in
            let run = try await RunStore(database).run(named: name)
            let store = RecoveryStore(database)
            let rewind =
                isConfirmed
                ? try await store.rewind(run.id, to: number, reason: reason, under: nil)
                : try await store.previewRewind(run.id, to: number)
            return (run, rewind)
        }
        if output.isJSON { return try JSONOutput.print(Outcome(run: name, isDone: isConfirmed, rewind)) }
        guard let rewind else {
            return print("\(name) is at version \(run.head.number), which is durable: there is nothing to rewind.")
        }
        print(isConfirmed ? done(rewind) : planned(rewind))
    }

    private func planned(_ rewind: Rewind) -> String {
        """
        \(name) would go back from version \(rewind.from) to \(rewind.to): \(losses(rewind)).
        Do it: stillhouse run rewind \(name) --to \(rewind.to) --yes
        """
    }

    private func done(_ rewind: Rewind) -> String {
        "\(name) went back from version \(rewind.from) to \(rewind.to): \(losses(rewind))."
    }

    private func losses(_ rewind: Rewind) -> String {
        """
        \(Units.count(rewind.lostVersionCount)) versions and \
        \(Units.count(rewind.voidGradientCount + rewind.lostGradientCount)) gradients are given up, \
        \(Units.count(rewind.revokedJobCount)) running jobs revoked
        """
    }

    /// What is printed as JSON.
    struct Outcome: Encodable {
        let run: String
        /// False for a preview, and when there was nothing to rewind.
        let isDone: Bool
        let from: Int?
        let to: Int?
        let lostVersions: Int
        let voidGradients: Int
        let lostGradients: Int
        let revokedJobs: Int

        init(run: String, isDone: Bool, _ rewind: Rewind?) {
            self.run = run
            self.isDone = isDone && rewind != nil
            (from, to, lostVersions) = (rewind?.from, rewind?.to, rewind?.lostVersionCount ?? 0)
            (voidGradients, lostGradients) = (rewind?.voidGradientCount ?? 0, rewind?.lostGradientCount ?? 0)
            revokedJobs = rewind?.revokedJobCount ?? 0
        }
    }
}
