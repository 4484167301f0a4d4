import Datasets
import Evaluators
import Images
import Layers
import Models
import Postgres
import Recipes
import Stores
import Tensors
import Transfers

/// Measures versions of one run on the recipe's held-out pictures, all against the same teacher: the start weights.
struct RegionComparison {
    private let run: Run
    private let recipe: Recipe
    private let plan: TrainingPlan
    private let weights: WeightStore
    private let dataset: Dataset
    private let base: ParameterTree
    private let teacher: ParameterTree
    private let backend: any Backend

    /// Nil when the recipe names no pictures to evaluate on.
    init?(_ database: Database, _ run: Run, _ recipe: Recipe, plan: TrainingPlan, on backend: any Backend) async throws
    {
        guard let root = recipe.evaluation.root, let annotations = recipe.evaluation.annotations else { return nil }
        let source = Recipe.DataSource(kind: .coco, root: root, annotations: annotations)
        dataset = try await source.open().dataset
        weights = WeightStore(database)
        guard let start = try await weights.version(number: 0, of: run.id) else { return nil }
        let reader = WeightReader(weights)
        var traffic = WeightReader.Traffic()
        let frozen = try await reader.read(.frozen, of: start.id, count: plan.frozen.count, traffic: &traffic)
        let student = try await reader.read(.student, of: start.id, count: plan.student.count, traffic: &traffic)
        base = try plan.base(frozen: frozen, on: backend)
        teacher = try plan.tree(student: student, over: base, on: backend)
        (self.run, self.recipe, self.plan, self.backend) = (run, recipe, plan, backend)
    }

    /// The scores of the version with this number, as it was trained: not mixed with the start weights.
    func measure(number: Int) async throws -> RegionEvaluation? {
        guard let evaluator = try await evaluator(number: number) else { return nil }
        var progress = ProgressLine("evaluating version \(number)", total: dataset.count, unit: "pictures")
        let evaluation = try await evaluator.evaluate(dataset) { progress.update($0) }
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
    func examples(count: Int, before: Int, after: Int) async throws -> [Example] {
        guard let before = try await evaluator(number: before), let after = try await evaluator(number: after) else {
            return []
        }
        var examples: [Example] = []
        for sample in dataset.index.samples where examples.count < count {
            guard case .loaded(let loaded) = try await dataset.load(sample.id),
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

    private func evaluator(number: Int) async throws -> RegionEvaluator? {
        guard let version = try await weights.version(number: number, of: run.id) else { return nil }
        var traffic = WeightReader.Traffic()
        let flat = try await WeightReader(weights)
            .read(.student, of: version.id, count: plan.student.count, traffic: &traffic)
        return try RegionEvaluator(
            recipe.regionEvaluation,
            tower: recipe.loadModel().vision,
            student: plan.tree(student: flat, over: base, on: backend),
            teacher: teacher,
            on: backend
        )
    }
}
