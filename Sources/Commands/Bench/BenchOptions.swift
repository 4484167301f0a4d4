import ArgumentParser
import Tensors

/// How often is measured, on how many threads, and how it is printed.
struct BenchOptions: ParsableArguments {
    @Option(help: "Times that each case is measured, in turn with the others.")
    var rounds = 5

    @OptionGroup var backend: BackendOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(1...1000).contains(rounds) {
            throw ValidationError("--rounds is \(rounds); it must be from 1 to 1000.")
        }
    }
}
