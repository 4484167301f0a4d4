import Datasets
import Evaluators
import Images
import Layers
import Models
import Recipes
import Tensors

/// Measures two versions of one run on held-out regions, both against the same teacher: the start weights.
struct RegionComparison {
    /// Of the version before, then of the one after.
    let evaluator: RegionEvaluator
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
        evaluator = try RegionEvaluator(
            recipe.regionEvaluation,
            tower: tower,
            readings: [before, after].map { try DenseReading($0, tower: tower, size: recipe.regionEvaluationSize) },
            teacher: before,
            on: backend
        )
        self.classes = classes
    }

    /// What was found of some pictures.
    struct Result: Encodable {
        let title: String
        let before: RegionEvaluation
        let after: RegionEvaluation
    }

    func measure(_ pictures: HeldOutPictures) async throws -> Result {
        var progress = ProgressLine(pictures.title, total: pictures.dataset.count, unit: "pictures")
        let evaluations = try await evaluator.evaluate(
            pictures.dataset,
            annotations: classes == nil ? nil : pictures.annotations,
            classes: classes
        ) { progress.update($0) }
        progress.finish()
        return Result(title: pictures.title, before: evaluations[0], after: evaluations[1])
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
            let maps = evaluator.similarities(to: box, in: image)
            let (x, y, width, height) = (Int(box.x), Int(box.y), Int(box.width), Int(box.height))
            var canvas = Canvas(image)
            canvas.frame(x: x, y: y, width: width, height: height, with: .distinct(0), thickness: 3)
            examples.append(
                Example(
                    boxed: canvas.image,
                    crop: image.cropped(x: x, y: y, width: max(1, width), height: max(1, height)),
                    before: maps[0],
                    after: maps[1]
                )
            )
        }
        return examples
    }
}
