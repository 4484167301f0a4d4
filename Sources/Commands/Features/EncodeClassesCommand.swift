import ArgumentParser
import Checkpoints
import Configs
import Evaluators
import Foundation
import Models

/// `stillhouse encode classes`
struct EncodeClassesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classes",
        abstract: "One vector a class, from its name in prompt templates.",
        discussion: """
            A class's vector is the mean of the unit vectors of its name in every template, scaled to length 1. The file \
            holds `embeddings` [classes, E] and, in its metadata, `names`: what region evaluation takes as class \
            embeddings.
            """
    )

    @OptionGroup var tower: TextTowerOptions

    @Option(
        help: ArgumentHelp(
            "Names, separated by commas, or a file of names, one a line.",
            valueName: "file-or-list"
        )
    )
    var names: String

    @Option(
        help: ArgumentHelp(
            "imagenet-80, maskclip-85, simple (a photo of a {}.), or a file of templates, one a line, {} for the name.",
            valueName: "set-or-file"
        )
    )
    var templates = "imagenet-80"

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Flag(help: "Print what was written as JSON.")
    var json = false

    func run() throws {
        let (names, templates) = (try readNames(), try Self.readTemplates(templates))
        let encoder = try tower.encoder()
        var line = ProgressLine("embedding", total: names.count, unit: "classes")
        let embeddings = try ClassEmbeddings(
            names: names,
            templates: templates,
            encoder: encoder,
            batch: tower.batch
        ) { line.update($0) }
        line.finish()
        var checkpoint = try embeddings.checkpoint()
        checkpoint.metadata["templates"] = try PictureFiles.list(templates.templates)
        try checkpoint.write(to: output)
        let report = Report(file: output, classes: names.count, templates: templates.count, size: embeddings.size)
        if json { return try JSONOutput.print(report) }
        print("\(output): embeddings [\(names.count), \(embeddings.size)] of \(Units.count(templates.count)) templates")
    }

    /// A file's lines without blank ones, or the list's parts.
    private func readNames() throws -> [String] {
        let parts =
            FileManager.default.fileExists(atPath: names)
            ? try TextLines.read(names) : names.split(separator: ",").map(String.init)
        let trimmed = parts.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard !trimmed.isEmpty else { throw CommandFailure(.usage, "--names \(names): there is no name in it.") }
        return trimmed
    }

    /// - Throws: `CommandFailure` for a name that is neither a shipped set nor a file, else `EvaluatorsError`.
    static func readTemplates(_ nameOrPath: String) throws -> PromptTemplates {
        if let preset = Presets.templates[nameOrPath] {
            return try PromptTemplates(text: preset, source: nameOrPath)
        }
        guard FileManager.default.fileExists(atPath: nameOrPath) else {
            let shipped = Presets.templates.keys.sorted().joined(separator: ", ")
            throw CommandFailure(
                .usage,
                "--templates \(nameOrPath): there is no such file or shipped set. Shipped: \(shipped)."
            )
        }
        return try PromptTemplates(text: TextLines.read(nameOrPath).joined(separator: "\n"), source: nameOrPath)
    }

    private struct Report: Encodable {
        let file: String
        let classes: Int
        let templates: Int
        let size: Int
    }
}
