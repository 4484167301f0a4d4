import Datasets
import Evaluators
import Foundation
import Recipes

/// Pictures that are no part of training, on which versions are measured.
struct HeldOutPictures {
    /// What a person calls them.
    let title: String
    let dataset: Dataset
    let annotations: RegionAnnotations
    /// The same pictures with labels of pixels; nil where nobody labelled them.
    let labelled: Dataset?

    /// Those that a recipe names; nil where it names none.
    init?(of recipe: Recipe) async throws {
        guard let root = recipe.evaluation.root, let file = recipe.evaluation.annotations else { return nil }
        title = "held-out pictures"
        dataset = try await Recipe.DataSource(kind: .coco, root: root, annotations: file).open().dataset
        annotations = try RegionAnnotations(path: file)
        labelled = nil
    }

    /// Those that `SceneFiles` wrote to a folder.
    init(scenes folder: String, title: String) async throws {
        self.title = title
        let file = folder + "/scenes.json"
        let boxes = Recipe.DataSource(kind: .coco, root: folder + "/images", annotations: file)
        let labels = Recipe.DataSource(
            kind: .segmentation,
            root: folder,
            segmentation: .init(layout: .folders, classes: folder + "/classes.txt", pictures: "images", labels: "masks")
        )
        dataset = try await boxes.open().dataset
        annotations = try RegionAnnotations(path: file)
        labelled = try await labels.open().dataset
    }
}
