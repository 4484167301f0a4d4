import ArgumentParser
import Datasets
import Recipes

/// `stillhouse dataset index`
struct DatasetIndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Read every picture's header, and write the list of usable samples.",
        discussion: """
            Without --kind the files tell it: a COCO file as --annotations gives `coco`, a .csv, .tsv or .jsonl file \
            `pairs`, --shards `webdataset`, --layout `segmentation`, none of these `folder`: all JPEG and PNG files \
            below --images. `scenes` must be named; its samples are the folders of sprites/. Label files are read whole. \
            What is left out is reported with its reason. The digest names the list: machines of one run must agree on it.
            """
    )

    @Option(help: ArgumentHelp("Directory or http(s) address of the pictures or shards.", valueName: "root"))
    var images: String

    @Option(help: "What it is: coco, folder, pairs, webdataset, scenes or segmentation.")
    var kind: Recipe.DataSource.Kind?

    @Option(
        help: ArgumentHelp("COCO JSON with pictures, boxes, captions; or a table of pairs.", valueName: "file")
    )
    var annotations: String?

    @Option(help: ArgumentHelp("A second COCO JSON, with captions of the same pictures.", valueName: "file"))
    var captions: String?

    @Option(help: ArgumentHelp("Column of the picture in a table of pairs.", valueName: "name"))
    var imageColumn: String?

    @Option(
        help: ArgumentHelp("Column of the caption in a table, or key in .json members of shards.", valueName: "name")
    )
    var captionColumn: String?

    @Option(
        help: ArgumentHelp("Tar shards below the root, such as train-{000000..000127}.tar.", valueName: "pattern")
    )
    var shards: String?

    @Option(help: ArgumentHelp("Side of the pictures of --kind scenes.", valueName: "pixels"))
    var size: Int?

    @OptionGroup(title: "Labels of pixels")
    var segmentation: SegmentationOptions

    @Flag(help: "Leave out pictures that a COCO file lists and the root lacks, instead of stopping.")
    var allowMissing = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The index to write; without it only the report is made.", valueName: "file")
    )
    var output: String?

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() async throws {
        let scan = try await source.open(allowsMissing: allowMissing).scan
        if let output { try scan.index.write(to: output) }
        let report = Report(scan, file: output)
        if json { try JSONOutput.print(report) } else { print(report.text) }
    }

    private var source: Recipe.DataSource {
        Recipe.DataSource(
            kind: kind ?? presumedKind,
            root: images,
            annotations: annotations,
            captions: captions,
            imageColumn: imageColumn,
            captionColumn: captionColumn,
            shards: shards,
            scenes: size.map { Recipe.DataSource.Scenes(size: $0, difficulty: [[0, 1]]) },
            segmentation: segmentation.section
        )
    }

    private var presumedKind: Recipe.DataSource.Kind {
        if shards != nil { return .webdataset }
        if segmentation.section != nil { return .segmentation }
        guard let annotations else { return .folder }
        return (try? PairFormat(path: annotations)) == nil ? .coco : .pairs
    }

    func validate() throws {
        let problems = source.problems().map(\.namingFlag)
        if !problems.isEmpty { throw ValidationError(problems.map { "\($0)" }.joined(separator: "\n")) }
    }

    private struct Report: Encodable {
        let file: String?
        let digest: String
        let pictures: Int
        let boxes: Int
        let captions: Int
        let classes: Int?
        let unseenClasses: [String]?
        let classListDigest: String?
        let rejectedPictures: [String]
        let rejectedAnnotations: [String]
        let rejectedRecords: [String]
        let warnings: [String]

        enum CodingKeys: String, CodingKey {
            case file, digest, pictures, boxes, captions, classes, warnings
            case unseenClasses = "unseen_classes"
            case classListDigest = "class_list_digest"
            case rejectedPictures = "rejected_pictures"
            case rejectedAnnotations = "rejected_annotations"
            case rejectedRecords = "rejected_records"
        }

        init(_ scan: DatasetScan, file: String?) {
            self.file = file
            digest = scan.index.digestText
            pictures = scan.index.count
            boxes = scan.index.samples.reduce(0) { $0 + $1.boxes.count }
            captions = scan.index.captionCount
            let list = scan.index.labelling?.classes
            classes = list?.count
            unseenClasses = list.map { list in list.unseen.map { list.names[$0] } }
            classListDigest = list?.digestText
            rejectedPictures = scan.rejectedImages.map(\.description)
            rejectedAnnotations = scan.rejectedAnnotations.map(\.description)
            rejectedRecords = scan.rejectedRecords.map(\.description)
            warnings = scan.warnings.map(\.description)
        }

        var text: String {
            let counts = "\(Units.count(pictures)) pictures, \(Units.count(boxes)) boxes"
            var lines = [
                captions == 0 ? counts : counts + ", \(Units.count(captions)) captions",
                "digest \(digest)",
            ]
            if let classes, let unseenClasses, let classListDigest {
                lines.append("\(classes) classes, \(unseenClasses.count) unseen, list \(classListDigest)")
            }
            if let file { lines.append("index  \(file)") }
            lines += warnings.map { "warning: \($0)" }
            lines += (rejectedPictures + rejectedAnnotations + rejectedRecords).map { "left out: \($0)" }
            return lines.joined(separator: "\n")
        }
    }
}

extension Recipe.DataSource.Kind: ExpressibleByArgument {}
