import ArgumentParser
import Recipes

/// A recipe with settings of this call laid over it.
struct RecipeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A recipe file, or the name of a shipped recipe.", valueName: "name-or-yaml"))
    var recipe: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Lay a setting over the recipe, as data.root=/data/coco; may repeat.",
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    func load() throws -> Recipe { try RecipeLoader().load(recipe, settings: settings) }
}
