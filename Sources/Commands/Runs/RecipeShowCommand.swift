import ArgumentParser
import Configs
import Foundation
import Recipes

/// Prints a recipe as it is written, or with every value in force.
struct RecipeShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print a recipe, as it is written or with every value in force.",
        discussion: """
            The recipe is read and checked in either case: an unknown key, a value out of range or one that does not \
            suit the model is an error with exit status 64.
            """
    )

    @Argument(help: "Name of a recipe that `recipe list` shows, or path of a YAML file.")
    var recipe: String

    @Flag(name: .customLong("resolved"), help: "Print every value, with defaults and overlays merged.")
    var isResolved = false

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Lay a value over the recipe; may be repeated. Implies --resolved.",
            valueName: "key.path=value"
        )
    )
    var settings: [String] = []

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let resolved = try RecipeLoader().load(recipe, settings: settings)
        try resolved.validate(for: resolved.loadModel())
        if output.isJSON { return try JSONOutput.print(resolved) }
        if isResolved || !settings.isEmpty { return print(try resolved.yaml(), terminator: "") }
        let written = try Presets.recipes[recipe] ?? String(contentsOfFile: recipe, encoding: .utf8)
        print(written, terminator: written.hasSuffix("\n") ? "" : "\n")
    }
}
