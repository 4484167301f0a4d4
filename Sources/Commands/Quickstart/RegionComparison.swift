import Datasets
import Evaluators
import Images
import Layers
import Models
import Recipes
import Tensors

/// Measures two versions of one run on held-out regions, both against the same teacher: the start weights.
struct RegionComparison {
    let before: RegionEvaluator
    let after: RegionEvaluator
    /// nil where the recipe names none: then regions are not named.
    let classes: ClassEmbeddings?

    init(
        _ recipe: Recipe,
        before: ParameterTree,
        after: ParameterTree,
        classes: ClassEmbeddings?,
        on backend: any Backend
    ) throws {
        let tower = try recipe.loadModel().vision
        func evaluator(of student: ParameterTree) throws -> RegionEvaluator {
            try RegionEvaluator(recipe.regionEvaluation, tower: tower, student: student, teacher: before, on: backend)
        }
        self.before = try evaluator(of: before)
        self.after = try evaluator(of: after)
        self.classes = classes
    }

    /// What was found of some pictures.
    struct Result: Encodable {
        let title: String
        let before: RegionEvaluation
        let after: RegionEvaluation
    }

    func measure(_ pictures: HeldOutPictures) async throws -> Result {
        Result(
            title: pictures.title,
            before: try await evaluation(of: pictures, by: before, "before"),
            after: try await evaluation(of: pictures, by: after, "after")
        )
    }

    private func evaluation(
        of pictures: HeldOutPictures,
        by evaluator: RegionEvaluator,
        _ moment: String
    ) async throws -> RegionEvaluation {
        let count = pictures.dataset.count
        var progress = ProgressLine("\(pictures.title), \(moment)", total: count, unit: "pictures")
        let evaluation = try await evaluator.evaluate(
            pictures.dataset,
            annotations: classes == nil ? nil : pictures.annotations,
            classes: classes
        ) { progress.update($0) }
        progress.finish()
        return evaluation
    }

    /// One region of a held-out picture, and the maps of both versions.
    struct Example {
        var boxed: Image
        var crop: Image
        var before: SimilarityMap
        var after: SimilarityMap
    }

    /// The largest region of each of the first pictures.
    func examples(of pictures: HeldOutPictures, count: Int) async throws -> [Example] {
        var examples: [Example] = []
        for sample in pictures.dataset.index.samples where examples.count < count {
            guard case .loaded(let loaded) = try await pictures.dataset.load(sample.id),
                let box = sample.boxes.max(by: { $0.width * $0.height < $1.width * $1.height })
            else { continue }
            let image = loaded.image
            let (x, y, width, height) = (Int(box.x), Int(box.y), Int(box.width), Int(box.height))
            var canvas = Canvas(image)
            canvas.frame(x: x, y: y, width: width, height: height, with: .distinct(0), thickness: 3)
            examples.append(
                Example(
                    boxed: canvas.image,
                    crop: image.cropped(x: x, y: y, width: max(1, width), height: max(1, height)),
                    before: before.similarity(to: box, in: image),
                    after: after.similarity(to: box, in: image)
                )
            )
        }
        return examples
    }
}
