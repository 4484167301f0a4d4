import ArgumentParser
import Checkpoints
import Datasets
import Evaluators
import Foundation
import Images
import Models
import Tensors

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

    @Option(
        help: ArgumentHelp(
            """
            Trained prompts instead of templates, or a dense student with its prompts: a file that `weights pull` wrote; a \
            run of either brings its own.
            """,
            valueName: "file"
        )
    )
    var prompts: String?

    @Flag(help: "Use prompts with weights or a read-out that they were not trained for; the record says so.")
    var allowEncoderMismatch = false

    @Option(
        help: ArgumentHelp(
            "What cosines are multiplied by before probabilities are made of them; 100, or the prompts' own.",
            valueName: "factor"
        )
    )
    var scale: Double?

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
        if let scale, !(scale > 0 && scale.isFinite) {
            throw ValidationError("--scale is \(scale); it must be above 0.")
        }
        if prompts != nil, templates != nil || scale != nil || maskclipParity {
            throw ValidationError("--prompts bring sentences and scale: leave --templates and the like out.")
        }
        if window == nil, stride != nil { throw ValidationError("--stride goes with --window.") }
        if window != nil, denoise || smooth != nil {
            throw ValidationError("--denoise and --smooth look at the whole picture; leave --window out.")
        }
        if threshold != nil, smooth != nil {
            throw ValidationError("Smoothed scores are no probabilities: leave --threshold or --smooth out.")
        }
    }

    /// Whether anything is set that one text alone has no use for.
    var isAboutClasses: Bool {
        [templates, background, prompts].contains { $0 != nil } || threshold != nil || scale != nil || denoise
            || smooth != nil
    }

    private static let usualScale = 100.0

    var backgroundNames: [String] {
        (background ?? "").split(separator: ",").map(ClassName.normalised).filter { !$0.isEmpty }
    }

    var templateSet: String { templates ?? (maskclipParity ? "maskclip-85" : "imagenet-80") }

    /// - Parameter prompts: whose read-out is taken where none is named.
    func configuration(
        patchSize: Int,
        prompts: SegmentationPrompts? = nil
    ) throws -> SemanticSegmenter.Configuration {
        let usual = try prompts.map { prompts throws(ModelsError) in try DenseReadout(prompts.facts.readout) }
        return SemanticSegmenter.Configuration(
            readout: try readout.readout(usual: usual ?? .valueResidual),
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

    func tower(_ weights: MeasuredWeights, of student: DenseStudent? = nil) throws -> VisionTransformer {
        try weights.imageTower(of: student) { configuration in
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

    /// Refuses names that the text tower cannot be told whole, before any picture is looked at.
    ///
    /// - Throws: `ModelsError`
    func checkNames(_ classes: ClassList, _ weights: MeasuredWeights) throws {
        let names = classes.entries.flatMap(\.synonyms) + backgroundNames
        let limit = try weights.model.textTower().contextLength
        if let prompts = try chosenPrompts(weights) {
            _ = try PromptNames(names, contexts: prompts.length, contextLength: limit)
        } else {
            try EncodeClassesCommand.readTemplates(templateSet).checkFit(of: names, contextLength: limit)
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
        let student = try chosenStudent(weights)
        let prompts = try student?.prompts ?? chosenPrompts(weights)
        let tower = try tower(weights, of: student)
        let decoder = try student?.decoder(for: tower.configuration, on: weights.backend)
        let configuration = try configuration(patchSize: tower.configuration.patchSize, prompts: prompts)
        let digest = try weights.encoderDigest(isBegun: student != nil)
        let texts: Texts
        if let prompts {
            try checkOwner(of: prompts, encoder: digest, readout: configuration.readout)
            let isForeign = try isForeign(prompts, encoder: digest, readout: configuration.readout)
            texts = try self.texts(of: classes, prompts, student, decoder, weights, isForeign: isForeign)
        } else {
            texts = try self.texts(of: classes, weights)
        }
        let record = try SegmentationRecord(
            configuration,
            scorer: texts.scorer,
            encoder: digest,
            tower: tower.configuration,
            classes: classes,
            background: backgroundNames,
            texts: texts.name,
            textsSHA256: texts.digest,
            encoderMismatch: texts.isForeign
        )
        let segmenter = try SemanticSegmenter(
            tower,
            decoder: decoder,
            scorer: texts.scorer,
            configuration,
            on: weights.backend
        )
        return (segmenter, record)
    }

    // MARK: The text side

    private struct Texts {
        let scorer: ClassScorer
        let name: String
        let digest: Digest
        /// Whether prompts belong to other weights or another read-out.
        var isForeign = false
    }

    /// That of the file, else that of the run unless templates or other prompts are asked for.
    private func chosenStudent(_ weights: MeasuredWeights) throws -> DenseStudent? {
        if let prompts {
            let checkpoint = try Checkpoint.read(prompts)
            return DenseStudent.isStudent(checkpoint) ? try DenseStudent(checkpoint, source: prompts) : nil
        }
        return templates == nil && !maskclipParity ? weights.student : nil
    }

    /// Those of the file, else those of the run unless templates are asked for.
    private func chosenPrompts(_ weights: MeasuredWeights) throws -> SegmentationPrompts? {
        if let prompts { return try SegmentationPrompts(Checkpoint.read(prompts), source: prompts) }
        return templates == nil && !maskclipParity ? weights.prompts : nil
    }

    private func texts(of classes: ClassList, _ weights: MeasuredWeights) throws -> Texts {
        let templates = try EncodeClassesCommand.readTemplates(templateSet)
        let names = classes.entries.reduce(backgroundNames.count) { $0 + $1.synonyms.count }
        var line = ProgressLine("embedding", total: names, unit: "names")
        let scorer = try ClassScorer(
            classes,
            background: backgroundNames,
            templates: templates,
            encoder: CaptionEncoder(weights.textTower(), on: weights.backend),
            scale: scale ?? Self.usualScale
        ) { line.update($0) }
        line.finish()
        let digest = Digest(of: templates.templates.joined(separator: "\n").utf8)
        return Texts(scorer: scorer, name: "templates \(templateSet)", digest: digest)
    }

    /// Whether prompts belong to other weights or another read-out than those at hand.
    private func isForeign(_ prompts: SegmentationPrompts, encoder: Digest, readout: DenseReadout) throws -> Bool {
        try prompts.facts.encoder != encoder || DenseReadout(prompts.facts.readout) != readout
    }

    /// - Throws: `ModelsError.otherEncoder`, `CommandFailure`, unless somebody insists.
    private func checkOwner(of prompts: SegmentationPrompts, encoder: Digest, readout: DenseReadout) throws {
        if scale != nil {
            throw CommandFailure(.usage, "--scale goes with templates; prompts have learned theirs. Leave it out.")
        }
        if allowEncoderMismatch { return }
        try prompts.check(encoder: encoder)
        let trained = try DenseReadout(prompts.facts.readout)
        guard trained == readout else {
            throw CommandFailure(
                .usage,
                """
                These prompts were trained for the read-out \(trained), not \(readout). Leave --readout out, \
                or insist with --allow-encoder-mismatch, which the record will say.
                """
            )
        }
    }

    private func texts(
        of classes: ClassList,
        _ prompts: SegmentationPrompts,
        _ student: DenseStudent?,
        _ decoder: DenseDecoder?,
        _ weights: MeasuredWeights,
        isForeign: Bool
    ) throws -> Texts {
        let scorer =
            if let decoder {
                try ClassScorer(
                    classes,
                    background: backgroundNames,
                    student: prompts,
                    scale: exp(Double(decoder.logScale.scalar)),
                    learned: student?.learnedClass.flatMap { name in
                        decoder.learnedVector.map { (name, $0.floats) }
                    },
                    tower: weights.textTower(),
                    on: weights.backend
                )
            } else {
                try ClassScorer(
                    classes,
                    background: backgroundNames,
                    prompts: prompts,
                    tower: weights.textTower(),
                    on: weights.backend
                )
            }
        let (origin, kind) = (prompts.facts.origin, student == nil ? "prompts" : "dense student")
        let name = origin["run"].map { "\(kind) of run \($0), version \(origin["step"] ?? "?")" } ?? kind
        let digest = try (student?.checkpoint ?? prompts.checkpoint).contentDigest()
        return Texts(scorer: scorer, name: name, digest: digest, isForeign: isForeign)
    }
}
