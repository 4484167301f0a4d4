import ArgumentParser
import Datasets
import Evaluators
import Foundation
import Models
import Recipes

/// `stillhouse evaluate retrieval`
struct EvaluateRetrievalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retrieval",
        abstract: "Do pictures find their captions, and captions their pictures?",
        discussion: """
            COCO's protocol: every caption is a query and an answer of its own. Image to text counts a picture as found \
            at k if any of its captions is among the k nearest, text to image a caption if its picture is. Equally near \
            wrong answers stand before the right one.

            Weights come from a file (--weights, --model) or from a run (--run). Pictures and captions come from a table \
            (--pairs), a COCO file (--coco-captions), tar shards (--shards), or the `data` section of a recipe \
            (--recipe). Pictures that cannot be used, and their captions, are left out and reported.
            """
    )

    @OptionGroup var weights: MeasuredWeightsOptions
    @OptionGroup var preparation: PreparationOptions

    @Option(help: ArgumentHelp("Table of pictures and captions: .csv, .tsv or .jsonl.", valueName: "file"))
    var pairs: String?

    @Option(help: ArgumentHelp("COCO JSON with captions; needs --images.", valueName: "file"))
    var cocoCaptions: String?

    @Option(
        help: ArgumentHelp("Tar shards below --images, such as val-{000..004}.tar.", valueName: "pattern")
    )
    var shards: String?

    @Option(help: ArgumentHelp("A recipe whose `data` section names pictures and captions.", valueName: "name-or-yaml"))
    var recipe: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Lay a setting over the recipe, as data.root=/data; may repeat.", valueName: "key=value")
    )
    var settings: [String] = []

    @Option(
        help: ArgumentHelp(
            "Directory or http(s) address of the pictures; by default the recipe's, or the table's directory.",
            valueName: "root"
        )
    )
    var images: String?

    @Option(help: ArgumentHelp("Column of the picture in a table.", valueName: "name"))
    var imageColumn: String?

    @Option(
        help: ArgumentHelp("Column of the caption in a table, or key in .json members of shards.", valueName: "name")
    )
    var captionColumn: String?

    @Option(help: ArgumentHelp("Most captions of one picture, the first ones; by default all.", valueName: "count"))
    var captionsPerImage: Int?

    @Option(help: ArgumentHelp("Captions in one pass; it bounds memory and changes no result.", valueName: "count"))
    var textBatch = 64

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        let sources = [pairs, cocoCaptions, shards, recipe].compactMap { $0 }
        guard sources.count == 1 else {
            throw ValidationError("Give one of --pairs, --coco-captions, --shards and --recipe.")
        }
        if cocoCaptions != nil || shards != nil, images == nil {
            throw ValidationError("--images is missing: where the pictures, or shards, are.")
        }
        if !settings.isEmpty, recipe == nil { throw ValidationError("--set goes with --recipe.") }
        if imageColumn != nil, pairs == nil { throw ValidationError("--image-column goes with --pairs.") }
        if captionColumn != nil, pairs == nil, shards == nil {
            throw ValidationError("--caption-column goes with --pairs or --shards.")
        }
        if let captionsPerImage, captionsPerImage < 1 {
            throw ValidationError("--captions-per-image is \(captionsPerImage); it must be 1 or more.")
        }
        if textBatch < 1 { throw ValidationError("--text-batch is \(textBatch); it must be 1 or more.") }
    }

    func run() async throws {
        let weights = try await weights.load()
        let (scan, dataset) = try await open()
        let evaluator = RetrievalEvaluator(
            pictures: try preparation.encoder(weights),
            captions: try CaptionEncoder(weights.textTower(), on: weights.backend),
            captionBatch: textBatch,
            on: weights.backend
        )
        var line: ProgressLine?
        var phase: RetrievalEvaluator.Phase?
        let result = try await evaluator.evaluate(
            dataset,
            unusable: UnusablePicture.all(of: scan),
            captionsPerImage: captionsPerImage
        ) { now, done, total in
            if phase != now {
                line.take()?.finish()
                line = ProgressLine("encoding", total: total, unit: now.rawValue)
                phase = now
            }
            line?.update(done)
        }
        line.take()?.finish()
        let measured = MeasuredResult(weights: weights.origin, prepare: preparation.prepare, result: result)
        if json { try JSONOutput.print(measured) } else { print(measured.text) }
    }

    private func open() async throws -> (DatasetScan, Dataset) {
        do {
            let (scan, dataset) = try await source().open(root: images, allowsMissing: true)
            return (scan, dataset)
        } catch let error as DatasetError {
            throw recipe == nil ? error.namingFlags("caption") : error
        }
    }

    private func source() throws -> Recipe.DataSource {
        if let recipe {
            let data = try RecipeLoader().load(recipe, settings: settings).data
            guard data.kind.hasCaptions else {
                throw CommandFailure(
                    .usage,
                    "\(recipe): `data.kind: \(data.kind.rawValue)` has no captions. Name a recipe whose data has some."
                )
            }
            return data
        }
        if let pairs {
            let folder = URL(fileURLWithPath: pairs).deletingLastPathComponent().path
            return Recipe.DataSource(
                kind: .pairs,
                root: images ?? folder,
                annotations: pairs,
                imageColumn: imageColumn,
                captionColumn: captionColumn
            )
        }
        if let cocoCaptions {
            return Recipe.DataSource(kind: .coco, root: images ?? "", annotations: cocoCaptions)
        }
        return Recipe.DataSource(kind: .webdataset, root: images ?? "", captionColumn: captionColumn, shards: shards)
    }
}
