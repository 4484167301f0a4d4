import Configs
import Datasets
import Evaluators
import Foundation
import Layers
import Models
import Objectives
import Tensors

/// Makes a segmenter of a version: its image tower for the pictures, and for the names what the run trains.
///
/// Trained prompts say the names themselves, on an encoder that stays as it is; a dense student has the vectors that its
/// prompts once made of the run's classes. Else the version's own text tower reads the names in templates, or class
/// embeddings of a file stand for them where the run has no text tower.
struct VersionSegmenter {
    let plan: TrainingPlan
    let backend: any Backend

    /// Of cosines, for probabilities; it decides no class.
    private static let scale = 100.0

    /// The classes that the run's labels speak of, with the unseen ones marked; nil where it learns no classes.
    var trainedClasses: ClassList? {
        (plan.objective as? MVPSEG)?.classes ?? (plan.objective as? MVPSEGPlus)?.classes
    }

    /// - Parameter tree: of the version, or of the teacher that follows it.
    /// - Throws: `ModelsError` for a name that does not fit the text tower, `EvaluatorsError` for one without an embedding,
    ///   `TrainingError.metricNotFinite` for prompts that are no numbers.
    func segmenter(
        of classes: ClassList,
        for set: Recipe.EvaluationSet,
        tree: ParameterTree
    ) throws -> SemanticSegmenter {
        let tower = try VisionTransformer(ParameterScope(TreeSource(tree)), plan.model.vision)
        let student = plan.objective as? MVPSEGPlus
        return try SemanticSegmenter(
            tower,
            decoder: student?.decoder(in: tree),
            scorer: student.map { try scorer(of: classes, $0, tree) } ?? scorer(of: classes, set, tree),
            SemanticSegmenter.Configuration(readout: readout(set), size: size(set), window: window(set)),
            on: backend
        )
    }

    private func readout(_ set: Recipe.EvaluationSet) throws -> DenseReadout {
        let name = set.readout ?? plan.recipe.objective.trainedReadout
        return try name.map { name throws(ModelsError) in try DenseReadout(name) } ?? .valueResidual
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

    /// The vectors that the run trains with, one a class, whatever of its synonyms a set uses.
    private func scorer(of list: ClassList, _ objective: MVPSEGPlus, _ tree: ParameterTree) throws -> ClassScorer {
        let known = list.entries.map { entry in entry.synonyms.compactMap { objective.classes.id(of: $0) }.first }
        let strangers = zip(list.names, known).filter { $1 == nil }.map(\.0)
        guard strangers.isEmpty else {
            throw EvaluatorsError.unmatchedClasses(labels: strangers.map { .init(name: $0) }, classes: [])
        }
        let rows = try objective.classVectors(in: tree)
        return ClassScorer(
            vectors: known.compactMap(\.self).flatMap { rows[$0] },
            count: list.count,
            scale: exp(Double(try objective.decoder(in: tree).logScale.scalar))
        )
    }

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
