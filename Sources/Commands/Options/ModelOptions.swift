import ArgumentParser
import Configs
import Foundation
import Models

/// Which model the weights belong to.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A shipped model such as ViT-B-16-quickgelu, or a JSON file in open_clip's form.",
            discussion:
                "OpenAI's own weights want the -quickgelu names; `weights pull` writes the file beside its output.",
            valueName: "name-or-json"
        )
    )
    var model: String

    func configuration() throws -> ModelConfiguration { try Self.configuration(of: model) }

    /// - Throws: `CommandFailure` for a name that is neither a shipped model nor a file, else `ModelsError`.
    static func configuration(of nameOrPath: String) throws -> ModelConfiguration {
        if let preset = Presets.models[nameOrPath] { return try ModelConfiguration(json: preset) }
        guard let data = FileManager.default.contents(atPath: nameOrPath) else {
            let shipped = Presets.models.keys.sorted().joined(separator: ", ")
            throw CommandFailure(
                .usage,
                "--model \(nameOrPath): there is no such file or shipped model. Shipped: \(shipped)."
            )
        }
        return try ModelConfiguration(json: data)
    }
}
