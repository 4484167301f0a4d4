import ArgumentParser
import Datasets
import Recipes

/// Where a recipe's pictures lie on this machine, and whether they have been indexed before.
struct DatasetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Directory or http(s) address of the pictures, instead of the recipe's.", valueName: "root")
    )
    var images: String?

    @Option(
        help: ArgumentHelp("An index by `dataset index`; without it every picture's header is read.", valueName: "file")
    )
    var index: String?

    func open(_ source: Recipe.DataSource) async throws -> Dataset {
        guard let index else { return try await source.open(root: images).dataset }
        return try await source.open(index: index, root: images)
    }
}
