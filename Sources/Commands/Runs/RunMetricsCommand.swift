import ArgumentParser
import Stores

/// `stillhouse run metrics`
struct RunMetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Print what was recorded of each version: losses, norms, rates, evaluations.",
        discussion: """
            One line a version as CSV, one column a number, for plots. Numbers that a version does not have are empty: \
            evaluations, for example, are made of some versions only.
            """
    )

    @Argument(help: "Name of the run.")
    var name: String

    @Option(
        name: .customLong("metric"),
        help: ArgumentHelp("A number to print, such as loss; repeatable. By default all.", valueName: "name")
    )
    var metrics: [String] = []

    @Option(help: ArgumentHelp("Print every so many versions, the first and the last.", valueName: "versions"))
    var every = 1

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if every < 1 { throw ValidationError("--every is \(every); every version is 1.") }
    }

    func run() async throws {
        let recorded = try await database.withDatabase { database in
            try await MetricStore(database).list(of: RunStore(database).run(named: name).id)
        }
        let known = Set(recorded.map(\.name))
        if let unknown = metrics.first(where: { !known.contains($0) }) {
            let list = known.isEmpty ? "nothing yet" : known.sorted().joined(separator: ", ")
            throw CommandFailure(.usage, "Run \(name) has no metric \"\(unknown)\". It has: \(list).")
        }
        let table = MetricTable(recorded, names: metrics, every: every)
        if output.isJSON { try JSONOutput.print(table.rows) } else { print(table.csv) }
    }
}
