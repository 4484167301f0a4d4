import ArgumentParser
import Recipes

/// Lists the recipes in the binary.
struct RecipeListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the recipes that come with this build."
    )

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let loader = RecipeLoader()
        let entries = try loader.shippedNames.map { name in Entry(name, try loader.load(name)) }
        if output.isJSON { return try JSONOutput.print(entries) }
        var table = TextTable([("name", .left), ("model", .left), ("images/update", .right), ("updates", .right)])
        for entry in entries {
            table.append([entry.name, entry.model, "\(entry.imagesPerUpdate)", Units.count(entry.updates)])
        }
        print(table.text)
    }

    /// One line of the list.
    struct Entry: Encodable {
        let name: String
        let model: String
        let imagesPerUpdate: Int
        let updates: Int

        init(_ name: String, _ recipe: Recipe) {
            (self.name, model) = (name, recipe.model)
            (imagesPerUpdate, updates) = (recipe.imagesPerUpdate, recipe.schedule.updates)
        }
    }
}
