import ArgumentParser
import Models

/// `stillhouse bench tokenizer`
struct BenchTokenizerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer",
        abstract: "Measure how fast captions become tokens, on one thread.",
        discussion: """
            Two sets of captions drawn from a fixed seed: plain ones, words of the vocabulary in ASCII; and mixed ones, \
            with other scripts, accents, HTML entities, emoji and capitals, which take the repairing path.
            """
    )

    @Option(help: "Times that each set is measured, in turn with the other.")
    var rounds = 5

    @Option(help: "Captions of each set.")
    var texts = 20_000

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(1...1000).contains(rounds) { throw ValidationError("--rounds is \(rounds); it must be from 1 to 1000.") }
        if !(1...10_000_000).contains(texts) {
            throw ValidationError("--texts is \(texts); it must be from 1 to 10,000,000.")
        }
    }

    func run() async throws {
        let report = try await TokenizerReport.measured(rounds: rounds, texts: texts)
        if output.isJSON { try JSONOutput.print(report) } else { print(report.text) }
    }
}
