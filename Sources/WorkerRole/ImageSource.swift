package import Datasets
package import Recipes

/// Where this machine finds the images of a run, when not where the recipe says.
package struct ImageSource: Sendable {
    package var root: String?
    package var annotations: String?
    /// A file written by `dataset index`, which spares a scan of every picture.
    package var index: String?

    package init(root: String? = nil, annotations: String? = nil, index: String? = nil) {
        self.root = root
        self.annotations = annotations
        self.index = index
    }

    /// The dataset as this machine sees it; its index is compared with the run's before any job is claimed.
    package func open(_ recipe: Recipe) async throws -> Dataset {
        var source = recipe.data
        source.annotations = annotations ?? source.annotations
        guard let index else { return try await source.open(root: root).dataset }
        return try await source.open(index: index, root: root)
    }
}
