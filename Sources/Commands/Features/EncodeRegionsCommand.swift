import ArgumentParser
import Checkpoints
import Datasets
import Images
import Models
import Objectives
import Tensors

/// `stillhouse encode regions`
struct EncodeRegionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regions",
        abstract: "One vector for each box: dense features averaged over it by RoIAlign.",
        discussion: """
            Either name pictures and give --boxes, which apply to each of them, or give --annotations and --root for \
            the boxes of a COCO file. Pictures are prepared as for `encode dense`.

            The file holds `features` [R, E] (unit rows), `boxes` [R, 4] (x0, y0, x1, y1 in pixels of the stored \
            picture) and `image_index` [R], places in the metadata's `images`. With --annotations also \
            `annotation_ids` [R].
            """
    )

    @OptionGroup var tower: TowerOptions

    @Argument(help: "JPEG or PNG files, for --boxes.")
    var images: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Boxes in pixels, edges parted by commas.", valueName: "x0,y0,x1,y1")
    )
    var boxes: [BoxArgument] = []

    @Option(help: ArgumentHelp("COCO JSON with boxes; needs --root.", valueName: "file"))
    var annotations: String?

    @Option(help: ArgumentHelp("Directory or http(s) address of the pictures of --annotations.", valueName: "root"))
    var root: String?

    @Option(help: "Side of the picture in pixels, a multiple of the patch; by default the model's native one.")
    var size: Int?

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Flag(help: "Print what was written as JSON.")
    var json = false

    func validate() throws {
        if annotations != nil {
            guard root != nil else { throw ValidationError("--annotations needs --root, where the pictures are.") }
            guard images.isEmpty, boxes.isEmpty else {
                throw ValidationError("Give either pictures with --boxes, or --annotations with --root.")
            }
        } else if images.isEmpty || boxes.isEmpty {
            throw ValidationError("Give pictures with --boxes x0,y0,x1,y1, or --annotations with --root.")
        }
    }

    func run() async throws {
        let loaded = try tower.load()
        let vision = loaded.configuration.vision
        var regions = RegionFeatureTable(tower: try loaded.tower(), side: try vision.studentSide(size), loaded.backend)
        if let annotations, let root {
            try await add(annotations, root, to: &regions)
        } else {
            var line = ProgressLine("encoding", total: images.count, unit: "pictures")
            for (index, path) in images.enumerated() {
                let image = try PictureFiles.read(path)
                for box in boxes where !box.box.overlaps(width: image.width, height: image.height) {
                    throw CommandFailure(
                        .usage,
                        """
                        \(path): the box \(box.box.x0),\(box.box.y0),\(box.box.x1),\(box.box.y1) lies outside of its \
                        \(image.width) × \(image.height) pixels. Boxes are x0,y0,x1,y1 in pixels of the stored picture.
                        """
                    )
                }
                regions.add(image, named: path, boxes.map(\.box))
                line.update(index + 1)
            }
            line.finish()
        }
        let checkpoint = try regions.checkpoint()
        try FeatureFile(checkpoint, to: output, images: regions.images).show(asJSON: json)
    }

    private func add(_ annotations: String, _ root: String, to regions: inout RegionFeatureTable) async throws {
        let place = try ImageRoot(root)
        let scan = try await COCODataset(annotationFile: annotations, root: place).scan()
        let dataset = Dataset(index: scan.index, root: place)
        var line = ProgressLine("encoding", total: dataset.count, unit: "pictures")
        for sample in scan.index.samples {
            switch try await dataset.load(sample.id) {
            case .bad(let bad):
                throw CommandFailure(.usage, "\(bad) Mend the picture, or take it out of \(annotations).")
            case .loaded(let loaded):
                regions.add(
                    loaded.image,
                    named: sample.key,
                    sample.boxes.map(RegionBox.init),
                    annotations: sample.boxes.map(\.annotationID)
                )
            }
            line.update(Int(sample.id) + 1)
        }
        line.finish()
    }
}
