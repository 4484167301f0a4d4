import ArgumentParser
import Checkpoints
import Models

/// `stillhouse weights inspect`
struct WeightsInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "List the tensors of a file of weights: names, types, shapes, layout, metadata.",
        discussion: "Only headers are read, unless --digests asks for the SHA-256 of every tensor."
    )

    @Argument(help: "A .safetensors file, an .index.json, or a directory that holds one of them.")
    var file: String

    @Flag(help: "Add the SHA-256 of each tensor and of the whole.")
    var digests = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let summary = try CheckpointSummary(inspecting: file, withDigests: digests)
        if json { try JSONOutput.print(summary) } else { print(summary) }
    }
}
