import ArgumentParser
import Checkpoints
import Models

/// `stillhouse weights diff`
struct WeightsDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two files of weights, or of gradients, tensor by tensor.",
        discussion: """
            Files of different layouts are compared by open_clip's keys. The status is 0 whether they differ or not; \
            scripts read `identical` of --json.
            """
    )

    @Argument(help: "The one: a .safetensors file, an .index.json, or a directory that holds one of them.")
    var left: String

    @Argument(help: "The other.")
    var right: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let comparison = try CheckpointComparison(comparing: left, with: right)
        if json { try JSONOutput.print(comparison) } else { print(comparison) }
    }
}
