import Configs
import Datasets
import Evaluators
import Layers
import Models
import Objectives
import Tensors

/// Makes a segmenter of a version: its image tower for the pictures, and for the names what the run trains.
///
/// Trained prompts say the names themselves, on an encoder that stays as it is. Else the version's own text tower reads them
/// in templates, or class embeddings of a file stand for them where the run has no text tower.
struct VersionSegmenter {
    let plan: TrainingPlan
    let backend: any Backend

    /// Of cosines, for probabilities; it decides no class.
    private static let scale = 100.0

    /// The classes that the run's labels speak of, with the unseen ones marked; nil where it learns no classes.
    var trainedClasses: ClassList? { (plan.objective as? MVPSEG)?.classes }

    /// - Parameter tree: of the version, or of the teacher that follows it.
    /// - Throws: `ModelsError` for a name that does not fit the text tower, `EvaluatorsError` for one without an embedding,
    ///   `TrainingError.metricNotFinite` for prompts that are no numbers.
    func segmenter(
        of classes: ClassList,
        for set: Recipe.EvaluationSet,
        tree: ParameterTree
    ) throws -> SemanticSegmenter {
        let tower = try VisionTransformer(ParameterScope(TreeSource(tree)), plan.model.vision)
        return try SemanticSegmenter(
            tower,
            scorer: scorer(of: classes, set, tree),
            SemanticSegmenter.Configuration(readout: readout(set), size: size(set), window: window(set)),
            on: backend
        )
    }

    private func readout(_ set: Recipe.EvaluationSet) throws -> DenseReadout {
        let usual = (plan.objective as? MVPSEG)?.configuration.readout
        return try (set.readout ?? usual).map { name throws(ModelsError) in try DenseReadout(name) } ?? .valueResidual
    }

    private func size(_ set: Recipe.EvaluationSet) -> SegmentationSize {
        set.sizeRule.flatMap { SegmentationSize($0) } ?? .whole
    }

    private func window(_ set: Recipe.EvaluationSet) throws -> SlidingWindow? {
        try set.window.map { side in
            try SlidingWindow(
                side: side,
                stride: set.stride ?? max(side / 2, 1),
                patchSize: plan.model.vision.patchSize
            )
        }
    }

    // MARK: The text side

    private func scorer(
        of classes: ClassList,
        _ set: Recipe.EvaluationSet,
        _ tree: ParameterTree
    ) throws -> ClassScorer {
        if let objective = plan.objective as? MVPSEG {
            return try ClassScorer(
                classes,
                prompts: prompts(of: objective, set, tree),
                tower: textTower(tree),
                on: backend
            )
        }
        if plan.recipe.objective.silc == nil, let file = plan.recipe.evaluation.classEmbeddings {
            return try ClassScorer(classes, embeddings: ClassEmbeddings(path: file), scale: Self.scale)
        }
        let templates = set.templates ?? "simple"
        return try ClassScorer(
            classes,
            templates: PromptTemplates(text: Presets.templates[templates] ?? "", source: templates),
            encoder: CaptionEncoder(textTower(tree), on: backend),
            scale: Self.scale
        )
    }

    private func textTower(_ tree: ParameterTree) throws -> TextTransformer {
        try TextTransformer(ParameterScope(TreeSource(tree)), plan.model.textTower())
    }

    private func prompts(
        of objective: MVPSEG,
        _ set: Recipe.EvaluationSet,
        _ tree: ParameterTree
    ) throws -> SegmentationPrompts {
        // A run has its digest; what is only looked at in passing may lack one.
        let encoder =
            try objective.configuration.encoder
            ?? EncoderDigest.digest(of: tree, vision: objective.vision, text: objective.text)
        let prompts = try objective.segmentationPrompts(in: tree, encoder: encoder)
        guard (prompts.contexts + [prompts.logScale, prompts.logGateTemperature]).allSatisfy(\.isFinite) else {
            throw TrainingError.metricNotFinite(set: set.name, metric: "mean_iou")
        }
        return prompts
    }
}
