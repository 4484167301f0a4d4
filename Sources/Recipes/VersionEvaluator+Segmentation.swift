import Datasets
import Evaluators
import Layers

extension VersionEvaluator {
    /// How many labelled pixels get their class by its name: of pictures with label files, or of composed ones.
    func segmentation(_ set: Recipe.EvaluationSet, _ subject: Subject) async throws -> [String: Double] {
        let segmenter = VersionSegmenter(plan: step.plan, backend: backend)
        func evaluator(_ classes: ClassList) throws -> SegmentationEvaluator {
            try Task.checkCancellation()
            let made = try segmenter.segmenter(of: classes, for: set, tree: subject.tree)
            return SegmentationEvaluator(made, classCount: classes.count)
        }
        guard let source = set.labelledPictures else {
            let composer = try await composer(of: set)
            let classes = try marked(ClassList(names: composer.nouns, source: "sprites"), set, segmenter)
            let found = try await evaluator(classes)
                .evaluate(scenes: set.count ?? 0, of: composer, seed: set.seed ?? 0) { _ in onPicture() }
            return try metrics(found, classes, of: "scenes", left: [])
        }
        let (scan, dataset) = try await source.open()
        guard let list = dataset.index.classes else {
            throw DatasetError.invalidRoot(source.root, cause: "its pictures have no labels")
        }
        let classes = try marked(list, set, segmenter)
        let found = try await evaluator(classes).evaluate(dataset) { _ in onPicture() }
        return try metrics(found, classes, of: source.root, left: UnusablePicture.all(of: scan))
    }

    /// The classes with those unseen that the set names; else those of which the run sees no label, if it sees any; else those
    /// that the list marks.
    private func marked(
        _ list: ClassList,
        _ set: Recipe.EvaluationSet,
        _ segmenter: VersionSegmenter
    ) throws(DatasetError) -> ClassList {
        let source = "evaluation set \(set.name)"
        if let unseen = set.unseen { return try list.marking(unseen: unseen, source: source) }
        guard let trained = segmenter.trainedClasses else { return list }
        let unseen = list.entries.filter { entry in
            !entry.synonyms.contains { name in trained.id(of: name).map { !trained.entries[$0].isUnseen } ?? false }
        }
        return try list.marking(unseen: unseen.map(\.name), source: source)
    }

    private func metrics(
        _ found: SegmentationEvaluator.Result,
        _ classes: ClassList,
        of dataset: String,
        left: [UnusablePicture]
    ) throws(EvaluatorsError) -> [String: Double] {
        let unusable = left + found.unusable
        guard found.images > 0 else {
            throw .noPictures(
                dataset: dataset,
                unusable: unusable.count,
                first: unusable.first.map { "\($0.key): \($0.reason)" }
            )
        }
        return SegmentationEvaluation(found.matrix, classes: classes, images: found.images).metrics
    }
}

extension SegmentationEvaluation {
    /// By the names of the JSON; what is undefined, such as the mean over classes that do not occur, is left out.
    fileprivate var metrics: [String: Double] {
        var metrics = ["images": Double(images)]
        metrics["mean_iou"] = meanIoU
        metrics["mean_iou_present"] = presentIoU
        metrics["pixel_accuracy"] = pixelAccuracy
        guard classes.contains(where: \.isUnseen) else { return metrics }
        (metrics["seen_iou"], metrics["unseen_iou"], metrics["harmonic_iou"]) = (seenIoU, unseenIoU, harmonicIoU)
        return metrics
    }
}
