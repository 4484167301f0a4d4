import Configs
import Datasets
import Evaluators
import Foundation
import Layers
import Models
import Objectives
package import Tensors

/// Measures a version by the sets that its recipe names; the same code for every worker.
///
/// The metrics are a function of the version's weights, the recipe and the files of the set alone.
package struct VersionEvaluator {
    let step: TrainingStep
    let backend: any Backend
    let onPicture: @Sendable () -> Void

    /// Pictures in one pass; it bounds memory and changes no bit.
    private static let batch = 8

    /// - Parameters:
    ///   - step: of the run, with its pictures.
    ///   - onPicture: called whenever pictures have been looked at.
    package init(_ step: TrainingStep, on backend: any Backend, onPicture: @escaping @Sendable () -> Void = {}) {
        (self.step, self.backend, self.onPicture) = (step, backend, onPicture)
    }

    /// - Returns: numbers by names such as `top1`; those of the moving teacher, where it is asked for, as `teacher.top1`.
    /// - Throws: `DatasetError` and `EvaluatorsError` for a set that this machine cannot read, `CancellationError`
    ///   between pictures, `TrainingError.metricNotFinite` for weights that give no numbers.
    package func metrics(of set: Recipe.EvaluationSet, at version: VersionWeights) async throws -> [String: Double] {
        var metrics = try await metrics(of: set, Subject(version.studentTree, version))
        if step.plan.recipe.evaluation.teacher, let teacher = version.teacher {
            for (name, value) in try await self.metrics(of: set, Subject(teacher, version)) {
                metrics["teacher.\(name)"] = value
            }
        }
        if let broken = metrics.keys.sorted().first(where: { metrics[$0]?.isFinite != true }) {
            throw TrainingError.metricNotFinite(set: set.name, metric: broken)
        }
        return metrics
    }

    /// The weights that are measured.
    struct Subject {
        let tree: ParameterTree
        let version: VersionWeights

        init(_ tree: ParameterTree, _ version: VersionWeights) { (self.tree, self.version) = (tree, version) }
    }

    private func metrics(of set: Recipe.EvaluationSet, _ subject: Subject) async throws -> [String: Double] {
        switch set.kind {
        case .scenes: try await scenes(set, subject)
        case .classification: try await classification(set, subject)
        case .retrieval: try await retrieval(set, subject)
        case .regions: try await regions(subject)
        case .segmentation: try await segmentation(set, subject)
        }
    }

    private func pictures(_ subject: Subject) throws -> PictureEncoder {
        let tower = try VisionTransformer(ParameterScope(TreeSource(subject.tree)), step.plan.model.vision)
        return try PictureEncoder(tower, batch: Self.batch, on: backend)
    }

    private func texts(_ subject: Subject) throws -> CaptionEncoder {
        let tower = try TextTransformer(ParameterScope(TreeSource(subject.tree)), step.plan.model.textTower())
        return try CaptionEncoder(tower, on: backend)
    }

    private func classifier(
        _ names: [String],
        _ set: Recipe.EvaluationSet,
        _ subject: Subject
    ) throws -> ZeroShotClassifier {
        try Task.checkCancellation()
        let templates = set.templates ?? "simple"
        let classes = try ClassEmbeddings(
            names: names,
            templates: PromptTemplates(text: Presets.templates[templates] ?? "", source: templates),
            encoder: texts(subject)
        )
        return try ZeroShotClassifier(pictures(subject), classes: classes, on: backend)
    }

    private func scenes(_ set: Recipe.EvaluationSet, _ subject: Subject) async throws -> [String: Double] {
        let composer = try await composer(of: set)
        let result = try await classifier(composer.nouns, set, subject)
            .evaluate(scenes: set.count ?? 0, of: composer, seed: set.seed ?? 0) { _ in onPicture() }
        return result.metrics
    }

    /// The run's own cut-outs, which are those of its dataset's digest, or others.
    func composer(of set: Recipe.EvaluationSet) async throws -> SceneComposer {
        let size = set.size ?? step.plan.recipe.data.scenes?.size ?? step.plan.model.vision.imageHeight
        let difficulty = SceneDifficulty.constant(set.difficulty ?? 1)
        if set.root == nil, let composer = step.dataset.composer {
            return composer.composing(size: size, difficulty: difficulty)
        }
        let place = try ImageRoot(set.root ?? step.plan.recipe.data.root)
        let scan = try await ScenesDataset(root: place, size: size).scan()
        return SceneComposer(try await SceneParts(scan.index, root: place), size: size, difficulty: difficulty)
    }

    private func classification(_ set: Recipe.EvaluationSet, _ subject: Subject) async throws -> [String: Double] {
        let images =
            if let table = set.table {
                try await LabelledImages.table(table, root: ImageRoot(set.root ?? Self.folder(of: table)))
            } else {
                try await LabelledImages.folders(below: ImageRoot(set.root ?? ""))
            }
        let names = images.spokenNames
        let indices = try ClassMatching.classes(of: images.names, among: names)
        return try await classifier(names, set, subject).evaluate(images, classes: indices) { _ in onPicture() }.metrics
    }

    private func retrieval(_ set: Recipe.EvaluationSet, _ subject: Subject) async throws -> [String: Double] {
        let table = set.table ?? ""
        let root = try ImageRoot(set.root ?? Self.folder(of: table))
        let scan = try await PairsDataset(table: table, columns: PairColumns(), root: root).scan()
        let evaluator = RetrievalEvaluator(pictures: try pictures(subject), captions: try texts(subject), on: backend)
        let result = try await evaluator.evaluate(
            Dataset(index: scan.index, root: root),
            unusable: UnusablePicture.all(of: scan)
        ) { _, _, _ in onPicture() }
        return result.metrics
    }

    /// Of a frozen teacher, crops are embedded by that; else by the weights that are measured.
    private func regions(_ subject: Subject) async throws -> [String: Double] {
        let recipe = step.plan.recipe
        let (file, place) = (recipe.evaluation.annotations ?? "", try ImageRoot(recipe.evaluation.root ?? ""))
        let scan = try await COCODataset(annotationFile: file, root: place).scan()
        let embeddings = try recipe.evaluation.classEmbeddings.map(ClassEmbeddings.init(path:))
        let frozen = step.plan.teacherPolicy == .frozen ? subject.version.teacher : nil
        let tower = step.plan.model.vision
        let evaluator = try RegionEvaluator(
            recipe.regionEvaluation,
            tower: tower,
            readings: [DenseReading(subject.tree, tower: tower, size: recipe.regionEvaluationSize)],
            teacher: frozen ?? subject.tree,
            on: backend
        )
        let results = try await evaluator.evaluate(
            Dataset(index: scan.index, root: place),
            annotations: embeddings == nil ? nil : RegionAnnotations(path: file),
            classes: embeddings
        ) { _ in onPicture() }
        return results.first?.metrics ?? [:]
    }

    private static func folder(of table: String) -> String {
        URL(fileURLWithPath: table).deletingLastPathComponent().path
    }
}

extension VersionWeights {
    /// The student for those who only look: nothing that is computed with it keeps a history.
    fileprivate var studentTree: ParameterTree {
        var tree = ParameterTree()
        for path in parameters.paths { tree[path] = parameters[path]?.detached() }
        return tree
    }
}

extension ZeroShotClassification {
    fileprivate var metrics: [String: Double] {
        ["top1": top1, "top5": top5, "class_mean_top1": classMeanTop1, "images": Double(images)]
    }
}

extension RetrievalEvaluation {
    fileprivate var metrics: [String: Double] {
        var metrics = ["images": Double(images)]
        for (name, recall) in [("image_to_text", imageToText), ("text_to_image", textToImage)] {
            (metrics["\(name).r1"], metrics["\(name).r5"], metrics["\(name).r10"]) = (recall.r1, recall.r5, recall.r10)
        }
        return metrics
    }
}

extension RegionEvaluation {
    fileprivate var metrics: [String: Double] {
        var metrics = ["mean_cosine": meanCosine, "retrieval_top1": retrievalTop1, "regions": Double(regions)]
        for (name, accuracy) in [("boxes", boxes), ("masks", masks), ("crops", crops)] {
            guard let accuracy else { continue }
            (metrics["\(name).macc1"], metrics["\(name).macc5"]) = (accuracy.macc1, accuracy.macc5)
        }
        return metrics
    }
}
