import ArgumentParser
import Checkpoints
import Models
import OrderedCollections

/// `stillhouse encode text`
struct EncodeTextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "text",
        abstract: "One vector a text.",
        discussion: """
            Texts are cleaned and cut into tokens as CLIP does; one that is too long for the model is cut at its end, \
            one of which nothing is left is an error.

            The file holds `features` [texts, E], unit rows in the order of the arguments, then of the file's lines; its \
            metadata `texts` is a JSON array of them.
            """
    )

    @OptionGroup var tower: TextTowerOptions

    @Argument(help: "Texts.")
    var texts: [String] = []

    @Option(help: ArgumentHelp("A file of texts, one a line.", valueName: "path"))
    var file: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Flag(name: .customLong("raw"), help: "Write the vectors as the tower gives them, not of length 1.")
    var isRaw = false

    @Flag(help: "Print what was written as JSON.")
    var json = false

    func validate() throws {
        if texts.isEmpty, file == nil { throw ValidationError("Give at least one text, or --file.") }
    }

    func run() throws {
        let all = texts + (try file.map(TextLines.read) ?? [])
        guard !all.isEmpty else { throw CommandFailure(.usage, "\(file ?? ""): the file has no lines.") }
        let encoder = try tower.encoder()
        var line = ProgressLine("encoding", total: all.count, unit: "texts")
        let features = try encoder.vectors(of: all, normalized: !isRaw, batch: tower.batch) { line.update($0) }
        line.finish()
        let shape = [all.count, encoder.tower.configuration.embeddingSize]
        let checkpoint = Checkpoint(
            tensors: ["features": CheckpointTensor(features, shape: shape)],
            metadata: ["kind": "text", "texts": try PictureFiles.list(all)]
        )
        try checkpoint.write(to: output)
        let report = Report(file: output, texts: all.count, tensors: ["features": shape])
        if json { return try JSONOutput.print(report) }
        print("\(output): features \(shape) of \(Units.count(all.count)) texts")
    }

    private struct Report: Encodable {
        let file: String
        let texts: Int
        let tensors: [String: [Int]]
    }
}
