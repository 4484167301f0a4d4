import ArgumentParser
import Checkpoints
import Datasets
import Evaluators
import Images
import Models

extension SegmentationSize: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension KeySmoothing: ExpressibleByArgument {}

/// How pictures are segmented by text.
struct SegmenterOptions: ParsableArguments {
    @OptionGroup var readout: ReadoutOptions

    @Option(
        help: ArgumentHelp(
            "Sentences for the names: imagenet-80 (the default), maskclip-85, simple, or a file, {} for the name.",
            valueName: "set-or-file"
        )
    )
    var templates: String?

    @Option(
        help: ArgumentHelp(
            """
            How large pictures are shown: whole (as stored, to whole patches), short:512 or short:512,2048 (shortest side, \
            unless the longest exceeds the second number), long:520.
            """,
            valueName: "rule"
        )
    )
    var size: SegmentationSize?

    @Option(help: ArgumentHelp("Show squares of this side, averaged where they overlap.", valueName: "pixels"))
    var window: Int?

    @Option(help: ArgumentHelp("From one square to the next; by default half a square.", valueName: "pixels"))
    var stride: Int?

    @Option(help: ArgumentHelp("Names, separated by commas, of what is none of the classes.", valueName: "names"))
    var background: String?

    @Option(help: ArgumentHelp("Pixels whose best class is less probable are background.", valueName: "probability"))
    var threshold: Double?

    @Option(help: "What cosines are multiplied by before probabilities are made of them.")
    var scale = 100.0

    @Flag(help: "Leave out classes that are nowhere likely (MaskCLIP's prompt denoising).")
    var denoise = false

    @Option(help: "Let places speak for those that look alike (MaskCLIP's key smoothing): reference or cosine.")
    var smooth: KeySmoothing?

    @Flag(
        help: """
            Compute as MaskCLIP's code does: maskclip-85, short:512,2048, ImageNet's colours, GELU by the error function, \
            norms with 1e-6.
            """
    )
    var maskclipParity = false

    func validate() throws {
        if background != nil, threshold != nil {
            throw ValidationError("--background names it, --threshold takes what is left: give one of them.")
        }
        if let threshold, !(threshold > 0 && threshold < 1) {
            throw ValidationError("--threshold is \(threshold); it must lie between 0 and 1.")
        }
        if background != nil, backgroundNames.isEmpty { throw ValidationError("--background has no name in it.") }
        if !(scale > 0 && scale.isFinite) { throw ValidationError("--scale is \(scale); it must be above 0.") }
        if window == nil, stride != nil { throw ValidationError("--stride goes with --window.") }
        if window != nil, denoise || smooth != nil {
            throw ValidationError("--denoise and --smooth look at the whole picture; leave --window out.")
        }
        if threshold != nil, smooth != nil {
            throw ValidationError("Smoothed scores are no probabilities: leave --threshold or --smooth out.")
        }
    }

    var backgroundNames: [String] {
        (background ?? "").split(separator: ",").map(ClassName.normalised).filter { !$0.isEmpty }
    }

    var templateSet: String { templates ?? (maskclipParity ? "maskclip-85" : "imagenet-80") }

    func configuration(patchSize: Int) throws -> SemanticSegmenter.Configuration {
        SemanticSegmenter.Configuration(
            readout: try readout.readout(),
            size: size ?? (maskclipParity ? .shortSide(512, limit: 2048) : .whole),
            window: try window.map {
                try SlidingWindow(side: $0, stride: stride ?? max($0 / 2, 1), patchSize: patchSize)
            },
            normalization: maskclipParity ? .imageNet : .clip,
            background: threshold.map { .threshold($0) } ?? (background == nil ? .none : .lastClass),
            denoisesPrompts: denoise,
            keySmoothing: smooth
        )
    }

    func tower(_ weights: MeasuredWeights) throws -> VisionTransformer {
        try weights.imageTower { configuration in
            guard maskclipParity else { return }
            configuration.activation = .gelu
            configuration.normEpsilon = 1e-6
        }
    }

    /// Refuses classes that make no segmentation, before anything is computed.
    ///
    /// - Throws: `EvaluatorsError.oneClass`, `CommandFailure`
    func checkClasses(_ classes: ClassList) throws {
        if classes.count == 1, background == nil, threshold == nil { throw EvaluatorsError.oneClass(classes.names[0]) }
        if classes.count == LabelMap.maximumClassCount, background != nil {
            throw CommandFailure(
                .usage,
                "\(classes.count) classes leave no number for a background. Leave a class out."
            )
        }
        let names = Set(classes.entries.flatMap(\.synonyms))
        if let twice = backgroundNames.first(where: names.contains) {
            throw CommandFailure(.usage, "--background: \"\(twice)\" is a class too. Leave it out on one side.")
        }
    }

    /// A segmenter of some classes, and the record of it.
    ///
    /// - Throws: as `checkClasses(_:)`, or `ModelsError.longText` for a name that does not fit into the text tower.
    func segmenter(
        _ weights: MeasuredWeights,
        classes: ClassList
    ) throws -> (segmenter: SemanticSegmenter, record: SegmentationRecord) {
        try checkClasses(classes)
        let templates = try EncodeClassesCommand.readTemplates(templateSet)
        let tower = try tower(weights)
        let configuration = try configuration(patchSize: tower.configuration.patchSize)
        let names = classes.entries.reduce(backgroundNames.count) { $0 + $1.synonyms.count }
        var line = ProgressLine("embedding", total: names, unit: "names")
        let scorer = try ClassScorer(
            classes,
            background: backgroundNames,
            templates: templates,
            encoder: CaptionEncoder(weights.textTower(), on: weights.backend),
            scale: scale
        ) { line.update($0) }
        line.finish()
        let record = try SegmentationRecord(
            configuration,
            scorer: scorer,
            encoder: weights.encoderDigest(),
            tower: tower.configuration,
            classes: classes,
            background: backgroundNames,
            texts: "templates \(templateSet)",
            textsSHA256: Digest(of: templates.templates.joined(separator: "\n").utf8)
        )
        return (try SemanticSegmenter(tower, scorer: scorer, configuration, on: weights.backend), record)
    }
}
