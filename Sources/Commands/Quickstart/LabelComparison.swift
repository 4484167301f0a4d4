import Datasets
import Evaluators
import Images
import Layers
import Models
import Recipes
import Tensors

/// Names the objects of held-out pictures by two versions of one run, pixel by pixel.
struct LabelComparison {
    let names: [String]
    private let dataset: Dataset
    private let before: SemanticSegmenter
    private let after: SemanticSegmenter

    /// Nil where pixels have no labels, or the recipe names no class embeddings.
    ///
    /// - Throws: `EvaluatorsError.unmatchedClasses` for a class without one.
    init?(
        _ recipe: Recipe,
        of pictures: HeldOutPictures,
        before: ParameterTree,
        after: ParameterTree,
        classes: ClassEmbeddings?,
        on backend: any Backend
    ) throws {
        guard let dataset = pictures.labelled, let list = dataset.index.labelling?.classes, let classes else {
            return nil
        }
        let scorer = try ClassScorer(list, embeddings: classes, scale: 1)
        let configuration = try recipe.loadModel().vision
        func segmenter(_ tree: ParameterTree) throws -> SemanticSegmenter {
            try SemanticSegmenter(
                VisionTransformer(ParameterScope(TreeSource(tree)), configuration),
                scorer: scorer,
                on: backend
            )
        }
        self.before = try segmenter(before)
        self.after = try segmenter(after)
        self.dataset = dataset
        names = list.names
    }

    /// A picture, what its objects are, and what the versions take their pixels for.
    struct Example {
        var image: Image
        var truth: LabelMap
        var before: LabelMap
        var after: LabelMap
    }

    /// The first pictures that show more than one object; what is no object is left out of all maps.
    func examples(count: Int) async throws -> [Example] {
        var examples: [Example] = []
        for sample in dataset.index.samples where examples.count < count {
            guard case .loaded(let loaded) = try await dataset.load(sample.id), let truth = loaded.labels else {
                continue
            }
            guard truth.classes.count > 1 else { continue }
            examples.append(
                Example(
                    image: loaded.image,
                    truth: truth,
                    before: try before.segment(loaded.image).labels.masked(by: truth),
                    after: try after.segment(loaded.image).labels.masked(by: truth)
                )
            )
        }
        return examples
    }
}

extension LabelMap {
    /// Void wherever another map is.
    fileprivate func masked(by other: LabelMap) -> LabelMap {
        let values = zip(values, other.values).map { $1 == Self.void ? Self.void : $0 }
        return LabelMap(width: width, height: height, values: values)
    }

    /// The share of another map's labelled pixels that have the same label here.
    func agreement(with truth: LabelMap) -> Double {
        let labelled = zip(values, truth.values).filter { $1 != Self.void }
        return labelled.isEmpty ? 0 : Double(labelled.count { $0 == $1 }) / Double(labelled.count)
    }
}
