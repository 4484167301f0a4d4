import ArgumentParser

/// Measures the queue beside pgbench.
struct QueueBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Measure claims and completions of empty jobs.",
        discussion: """
            Claims jobs and hands in empty gradients for them, one at a time and fifty at once, through the calls that \
            workers use; in turn with pgbench, which sends the same two statements by a single client.

            Works in a database of its own, which it removes: on the server that --database-url or \
            STILLHOUSE_DATABASE_URL names, or on a private one made for it. Needs pgbench, which comes with PostgreSQL.
            """
    )

    @Option(help: "Jobs in the table, most of them done.")
    var jobs = 100_000

    @Option(help: "Times that everything is measured, in turn.")
    var rounds = 3

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100_000_000).contains(jobs) else {
            throw ValidationError("--jobs is \(jobs); it must be from 1 to 100000000.")
        }
        guard (1...1000).contains(rounds) else {
            throw ValidationError("--rounds is \(rounds); it must be from 1 to 1000.")
        }
    }

    func run() async throws {
        let report = try await BenchDatabase.with(database) { bench in
            try await QueueBench(bench: bench, jobCount: jobs, rounds: rounds).run()
        }
        if output.isJSON { try JSONOutput.print(report) } else { print(report.text) }
    }
}
