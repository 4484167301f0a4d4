import ArgumentParser
import Datasets
import Evaluators
import Foundation
import Images
import Models
import Recipes

/// `stillhouse segment`
struct SegmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segment",
        abstract: "Colour a picture by what it shows, in any words.",
        discussion: """
            Classes are words: --classes "cat, dog, grass", or --names with a shipped list (voc-20, coco-stuff-171, \
            pascal-context-59, pascal-context-60, ade20k-150) or a file, one class a line, synonyms separated by `;`. \
            Every pixel gets one of them, so name what else the picture shows, or say what is background.

            For each picture three files are written: NAME-overlay.png, the classes in colour with their names and \
            shares; NAME-labels.png, whose pixel values are the classes' numbers (255: none); and NAME-labels.json, which \
            says what the numbers mean and what everything was made with. Several pictures also make sheet.png. With \
            --text "a red ball" one text's similarity is drawn instead, as NAME-heat.png.

            Weights come from a file (--weights, --model) or from a run (--run): any CLIP that can be loaded.
            """
    )

    @OptionGroup var weights: MeasuredWeightsOptions
    @OptionGroup var options: SegmenterOptions

    @Argument(help: "JPEG or PNG files.")
    var pictures: [String]

    @Option(help: ArgumentHelp("Names, separated by commas.", valueName: "names"))
    var classes: String?

    @Option(help: ArgumentHelp("A shipped list of classes, or a file of names.", valueName: "list-or-file"))
    var names: String?

    @Option(help: "Draw how similar the picture is to this text, place by place.")
    var text: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Directory for the files; made unless it is there.", valueName: "directory")
    )
    var output = "."

    @Flag(help: "Print the files' names and the shares of the classes as JSON.")
    var json = false

    func validate() throws {
        if pictures.isEmpty { throw ValidationError("Name at least one picture.") }
        guard [classes, names, text].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Give one of --classes, --names and --text.")
        }
        if text != nil, options.isAboutClasses {
            throw ValidationError(
                "--text is compared as it stands: templates, prompts, background and refinements go with classes."
            )
        }
    }

    func run() async throws {
        // Classes and pictures first: a mistake in them should not cost the reading of weights.
        let list = try classList()
        if let list { try options.checkClasses(list) }
        let sizes = try pictures.map(PictureFiles.header).map { (width: $0.width, height: $0.height) }
        let weights = try await weights.load()
        try OutputFile.makeDirectory(output)
        if let list { try segment(list, sizes, by: weights) } else { try heat(text ?? "", sizes, by: weights) }
    }

    private func classList() throws -> ClassList? {
        if let classes {
            let names = classes.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            return try ClassList(names: names, source: "--classes")
        }
        return try names.map { try ClassList.named($0) }
    }

    // MARK: Classes

    private typealias Sizes = [(width: Int, height: Int)]

    private func segment(_ list: ClassList, _ sizes: Sizes, by weights: MeasuredWeights) throws {
        let (segmenter, record) = try options.segmenter(weights, classes: list)
        try check(sizes, segmenter)
        var (written, cells): ([SegmentedFile], [ContactSheet.Cell]) = ([], [])
        var line = ProgressLine("segmenting", total: pictures.count, unit: "pictures")
        for (path, stem) in zip(pictures, OutputStems.stems(of: pictures)) {
            let image = try PictureFiles.readTurned(path)
            warnOfShape(path, image)
            let result = try segmenter.segment(image)
            if result.deadCells > 0 { warn("\(path): \(result.deadCells) patches have a feature without direction") }
            let overlay = LabelOverlay(names: list.names).draw(result.labels.values, over: image)
            let file = SegmentedFile(
                picture: path,
                image: image,
                result,
                classes: list,
                record: record,
                weights: weights.origin,
                stem: file(stem)
            )
            try file.write(overlay: overlay, labels: result.labels)
            cells.append(ContactSheet.Cell(overlay, caption: [path, file.summary]))
            written.append(file)
            line.update(written.count)
        }
        line.finish()
        let sheet = try cells.count > 1 ? writeSheet(cells, title: list.names.joined(separator: ", ")) : nil
        try show(written, sheet: sheet)
    }

    private func show(_ files: [SegmentedFile], sheet: String?) throws {
        if json { return try JSONOutput.print(Report(pictures: files, sheet: sheet)) }
        for file in files { print("\(file.overlay): \(file.summary)") }
        if let sheet { print(sheet) }
    }

    // MARK: One text

    private func heat(_ text: String, _ sizes: Sizes, by weights: MeasuredWeights) throws {
        let encoder = try CaptionEncoder(weights.textTower(), on: weights.backend)
        try encoder.checkFits(text)
        let tower = try options.tower(weights)
        let vector = try encoder.vectors(of: [text])
        // The classes are never asked for: one text has nothing to be compared with.
        let segmenter = try SemanticSegmenter(
            tower,
            scorer: ClassScorer(vectors: vector + vector, count: 2, scale: 1),
            options.configuration(patchSize: tower.configuration.patchSize),
            on: weights.backend
        )
        try check(sizes, segmenter)
        var (written, cells): ([HeatFile], [ContactSheet.Cell]) = ([], [])
        var line = ProgressLine("comparing", total: pictures.count, unit: "pictures")
        for (path, stem) in zip(pictures, OutputStems.stems(of: pictures)) {
            let image = try PictureFiles.readTurned(path)
            warnOfShape(path, image)
            let values = try segmenter.similarity(image, to: vector)
            let map = HeatMap(columns: image.width, rows: image.height, values: values)
            let picture = map.draw(over: image, title: text)
            try OutputFile.write(PNGEncoder().encode(picture), to: file("\(stem)-heat.png"))
            let range = map.range
            written.append(
                HeatFile(
                    picture: path,
                    heat: file("\(stem)-heat.png"),
                    least: range.lowerBound,
                    greatest: range.upperBound
                )
            )
            cells.append(ContactSheet.Cell(picture, caption: [path]))
            line.update(written.count)
        }
        line.finish()
        let sheet = try cells.count > 1 ? writeSheet(cells, title: text) : nil
        if json { return try JSONOutput.print(Report(pictures: written, sheet: sheet)) }
        for file in written { print("\(file.heat): cosines from \(file.least) to \(file.greatest)") }
        if let sheet { print(sheet) }
    }

    private struct HeatFile: Encodable {
        let picture: String
        let heat: String
        let least: Float
        let greatest: Float
    }

    private struct Report<File: Encodable>: Encodable {
        let pictures: [File]
        let sheet: String?
    }

    // MARK: Files

    private func file(_ name: String) -> String {
        URL(fileURLWithPath: output).appendingPathComponent(name).relativePath
    }

    private func writeSheet(_ cells: [ContactSheet.Cell], title: String) throws -> String {
        let side = min(640, cells.map { max($0.image.width, $0.image.height) }.max() ?? 640)
        var sheet = ContactSheet(title: title, columns: cells.count < 5 ? 2 : 3, side: side)
        sheet.isTrimmed = true
        try OutputFile.write(PNGEncoder().encode(sheet.draw(cells)), to: file("sheet.png"))
        return file("sheet.png")
    }

    /// All of them before the first is segmented.
    private func check(_ sizes: Sizes, _ segmenter: SemanticSegmenter) throws {
        for (path, size) in zip(pictures, sizes) {
            guard let refusal = segmenter.refusal(width: size.width, height: size.height) else { continue }
            throw CommandFailure(.usage, "\(path): \(refusal)")
        }
    }

    private func warnOfShape(_ path: String, _ image: Image) {
        let (short, long) = (min(image.width, image.height), max(image.width, image.height))
        if long > 8 * short {
            warn("\(path): \(image.width) × \(image.height) pixels are a strip; expect little of it")
        }
    }

    private func warn(_ text: String) { FileHandle.standardError.write(Data("warning: \(text)\n".utf8)) }
}
