import ArgumentParser
import Datasets
import Evaluators
import Foundation
import Models
import Recipes

/// `stillhouse evaluate classification`
struct EvaluateClassificationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classification",
        abstract: "Is a picture nearest to the text embedding of its own class?",
        discussion: """
            Zero-shot: the class whose embedding has the greatest cosine with the picture's is the answer; of classes \
            exactly as near the first counts. Top-1 and top-5 are given over all pictures and as the mean of each \
            class's own share, with the pairs that are mistaken most often.

            Labels are the first folder below --images, as in ImageNet's tree, or a column of the table --labels. They \
            must be the names of the class embeddings; an underscore may stand for a space. Pictures that cannot be \
            used are left out and reported.

            Class embeddings are a file of `encode classes` (--classes), or made on the spot by the text tower of the \
            weights: the labels, with spaces for underscores, in every prompt of --templates.

            Weights come from a file (--weights, --model) or from a run (--run).
            """
    )

    @OptionGroup var weights: MeasuredWeightsOptions
    @OptionGroup var preparation: PreparationOptions

    @Option(
        help: ArgumentHelp(
            "Directory with a folder of pictures a class; with --labels, where its pictures lie.",
            valueName: "root"
        )
    )
    var images: String?

    @Option(
        help: ArgumentHelp(
            "Table of pictures and labels: .csv, .tsv or .jsonl; pictures lie beside it unless --images says where.",
            valueName: "file"
        )
    )
    var labels: String?

    @Option(help: ArgumentHelp("Column of the picture in the table.", valueName: "name"))
    var imageColumn: String?

    @Option(help: ArgumentHelp("Column of the label in the table; by default `label`.", valueName: "name"))
    var labelColumn: String?

    @Option(
        help: ArgumentHelp("Safetensors file with `embeddings` [C, E] and `names` in its metadata.", valueName: "file")
    )
    var classes: String?

    @Option(
        help: ArgumentHelp(
            "Without --classes: imagenet-80 (the default), simple, or a file of templates, {} for the name.",
            valueName: "set-or-file"
        )
    )
    var templates: String?

    @Flag(help: "Keep classes without pictures among the choices, instead of stopping.")
    var allowAbsent = false

    @Flag(help: "Also print a line for each class.")
    var perClass = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if images == nil, labels == nil { throw ValidationError("Give --images, --labels, or both.") }
        if classes != nil, templates != nil {
            throw ValidationError("--templates makes class embeddings, --classes brings them: give one of them.")
        }
        if labels == nil, imageColumn != nil || labelColumn != nil {
            throw ValidationError("--image-column and --label-column go with --labels.")
        }
    }

    func run() async throws {
        let weights = try await weights.load()
        let images = try await open()
        let classes = try classes.map(ClassEmbeddings.init(path:)) ?? embeddings(of: images.spokenNames, by: weights)
        let indices = try ClassMatching.classes(
            of: images.names,
            among: classes.names,
            allowsAbsent: allowAbsent,
            nearest: { NearestSpelling.of($0, among: $1) }
        )
        let encoder = try preparation.encoder(weights)
        let classifier = try ZeroShotClassifier(encoder, classes: classes, on: weights.backend)
        var line = ProgressLine("classifying", total: images.labels.count { $0 != nil }, unit: "pictures")
        let result = try await classifier.evaluate(images, classes: indices) { line.update($0) }
        line.finish()
        let measured = MeasuredResult(weights: weights.origin, prepare: preparation.prepare, result: result)
        if json { try JSONOutput.print(measured) } else { print(measured.text(perClass: perClass)) }
    }

    private func embeddings(of names: [String], by weights: MeasuredWeights) throws -> ClassEmbeddings {
        let templates = try EncodeClassesCommand.readTemplates(templates ?? "imagenet-80")
        var line = ProgressLine("embedding", total: names.count, unit: "classes")
        let embeddings = try ClassEmbeddings(
            names: names,
            templates: templates,
            encoder: CaptionEncoder(weights.textTower(), on: weights.backend)
        ) { line.update($0) }
        line.finish()
        return embeddings
    }

    private func open() async throws -> LabelledImages {
        guard let labels else { return try await LabelledImages.folders(below: ImageRoot(images ?? "")) }
        let folder = URL(fileURLWithPath: labels).deletingLastPathComponent().path
        do {
            return try await LabelledImages.table(
                labels,
                columns: PairColumns(image: imageColumn, caption: labelColumn),
                root: ImageRoot(images ?? folder)
            )
        } catch {
            throw error.namingFlags("label")
        }
    }
}
