import ArgumentParser
import Datasets
import Evaluators
import Recipes

/// `stillhouse evaluate segmentation`
struct EvaluateSegmentationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segmentation",
        abstract: "Which share of each class's pixels is found by its name alone?",
        discussion: """
            Every labelled picture of a data set is segmented by the names of its classes, and pixels are counted in one \
            confusion matrix over all of them, at the size of the labels: IoU of each class and its means, over seen and \
            unseen classes too where the list marks unseen ones, and pixel accuracy.

            --images is the root and --layout says how it lies: voc, coco-stuff, context59, context60, ade20k, folders or \
            panoptic; --classes is a shipped list or a file, by default the layout's own. Figures of different read-outs, \
            sizes, windows, templates or name lists do not compare; all of these are in the record.

            Weights come from a file (--weights, --model) or from a run (--run).
            """
    )

    @OptionGroup var weights: MeasuredWeightsOptions
    @OptionGroup var options: SegmenterOptions
    @OptionGroup(title: "Labels of pixels") var segmentation: SegmentationOptions

    @Option(help: ArgumentHelp("Directory or http(s) address of the pictures and labels.", valueName: "root"))
    var images: String

    @Option(help: ArgumentHelp("COCO's panoptic JSON, for --layout panoptic.", valueName: "file"))
    var annotations: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        let problems = source.problems().map(\.namingFlag)
        if !problems.isEmpty { throw ValidationError(problems.map { "\($0)" }.joined(separator: "\n")) }
    }

    func run() async throws {
        // Names first: a mistake in them should cost neither the reading of weights nor that of all labels.
        let named = try ClassList.named(source.segmentation?.classes ?? "")
        try options.checkClasses(named)
        let weights = try await weights.load()
        try options.checkNames(named, weights)
        let (scan, dataset) = try await source.open()
        guard let classes = scan.index.labelling?.classes else {
            throw CommandFailure(.usage, "\(images): its index has no classes. Name them with --classes.")
        }
        let (segmenter, record) = try options.segmenter(weights, classes: classes)
        var line = ProgressLine("segmenting", total: dataset.count, unit: "pictures")
        let found = try await SegmentationEvaluator(segmenter, classCount: classes.count)
            .evaluate(dataset) { line.update($0) }
        line.finish()
        let unusable = UnusablePicture.all(of: scan) + found.unusable
        guard found.images > 0 else {
            throw EvaluatorsError.noPictures(
                dataset: images,
                unusable: unusable.count,
                first: unusable.first.map { "\($0.key): \($0.reason)" }
            )
        }
        let result = SegmentationEvaluation(
            found.matrix,
            classes: classes,
            images: found.images,
            badImages: unusable.map(\.key)
        )
        let measured = MeasuredSegmentation(
            weights: weights.origin,
            made: record,
            datasetSHA256: scan.index.digestText,
            deadCells: found.deadCells,
            unusable: unusable,
            program: "stillhouse \(Build.version)",
            result: result
        )
        if json { try JSONOutput.print(measured) } else { print(measured.text) }
    }

    private var source: Recipe.DataSource {
        var section = segmentation.section ?? Recipe.DataSource.Segmentation()
        section.classes = section.classes ?? section.layout.flatMap(Self.usualClasses)
        return Recipe.DataSource(
            kind: .segmentation,
            root: images,
            annotations: annotations,
            segmentation: section
        )
    }

    /// The shipped list of a layout's own classes.
    private static func usualClasses(of layout: SegmentationLayout.Name) -> String? {
        switch layout {
        case .voc: "voc-20"
        case .cocoStuff: "coco-stuff-171"
        case .context59: "pascal-context-59"
        case .context60: "pascal-context-60"
        case .ade20k: "ade20k-150"
        case .folders, .panoptic: nil
        }
    }
}
