import ArgumentParser
import Datasets

/// `stillhouse dataset index`
struct DatasetIndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Read every picture's header, and write the list of usable samples.",
        discussion: """
            With --annotations, pictures and boxes are those of a COCO file, in the order of its image ids; without, \
            all JPEG and PNG files below --images, in the order of their paths. What is left out is reported with its \
            reason. The digest names the list: machines of one run must agree on it.
            """
    )

    @Option(help: ArgumentHelp("Directory, or with --annotations http(s) address, of the pictures.", valueName: "root"))
    var images: String

    @Option(help: ArgumentHelp("COCO JSON with pictures and boxes.", valueName: "file"))
    var annotations: String?

    @Flag(help: "Leave out pictures that the annotation file lists and the root lacks, instead of stopping.")
    var allowMissing = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The index to write; without it only the report is made.", valueName: "file")
    )
    var output: String?

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() async throws {
        let root = try ImageRoot(images)
        let scan =
            if let annotations {
                try await COCODataset(
                    annotationFile: annotations,
                    root: root,
                    missingImages: allowMissing ? .reject : .fail
                ).scan()
            } else {
                try await FolderDataset(root: root).scan()
            }
        if let output { try scan.index.write(to: output) }
        let report = Report(scan, file: output)
        if json { try JSONOutput.print(report) } else { print(report.text) }
    }

    private struct Report: Encodable {
        let file: String?
        let digest: String
        let pictures: Int
        let boxes: Int
        let rejectedPictures: [String]
        let rejectedAnnotations: [String]
        let warnings: [String]

        enum CodingKeys: String, CodingKey {
            case file, digest, pictures, boxes, warnings
            case rejectedPictures = "rejected_pictures"
            case rejectedAnnotations = "rejected_annotations"
        }

        init(_ scan: DatasetScan, file: String?) {
            self.file = file
            digest = scan.index.digestText
            pictures = scan.index.count
            boxes = scan.index.samples.reduce(0) { $0 + $1.boxes.count }
            rejectedPictures = scan.rejectedImages.map(\.description)
            rejectedAnnotations = scan.rejectedAnnotations.map(\.description)
            warnings = scan.warnings.map(\.description)
        }

        var text: String {
            var lines = [
                "\(Units.count(pictures)) pictures, \(Units.count(boxes)) boxes",
                "digest \(digest)",
            ]
            if let file { lines.append("index  \(file)") }
            lines += warnings.map { "warning: \($0)" }
            lines += rejectedPictures.map { "left out: \($0)" }
            lines += rejectedAnnotations.map { "left out: \($0)" }
            return lines.joined(separator: "\n")
        }
    }
}
