import ArgumentParser

/// Measures the parameter store beside what PostgreSQL and SHA-256 allow.
struct StoreBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Measure pushes, pulls and publications.",
        discussion: """
            Moves a gradient in and a version out through the functions that workers use, and, in turn with them, the same \
            bytes through the shortest loops that libpq allows: rows of 1 MiB, inserted into an unlogged table as binary \
            values, and read one by one. SHA-256 is computed over all of them on all cores. The ratio is to the lower of the two.

            Works in a database of its own, which it removes: on the server that --database-url or \
            STILLHOUSE_DATABASE_URL names, or on a private one made for it. Six to eight times the size is written.
            """
    )

    @Option(help: "Size of the vector; 344 is a ViT-B in fp32.")
    var megabytes = 344

    @Option(help: "Times that everything is measured, in turn.")
    var rounds = 3

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100_000).contains(megabytes) else {
            throw ValidationError("--megabytes is \(megabytes); it must be from 1 to 100000.")
        }
        guard (1...1000).contains(rounds) else {
            throw ValidationError("--rounds is \(rounds); it must be from 1 to 1000.")
        }
    }

    func run() async throws {
        let report = try await BenchDatabase.with(database) { bench in
            try await StoreBench(bench: bench, megabytes: megabytes, rounds: rounds).run()
        }
        if output.isJSON { try JSONOutput.print(report) } else { print(report.text) }
    }
}
