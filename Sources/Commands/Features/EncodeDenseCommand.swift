import ArgumentParser
import Checkpoints
import Images
import Models
import Objectives
import OrderedCollections
import Tensors

/// `stillhouse encode dense`
struct EncodeDenseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dense",
        abstract: "One vector for each patch of each picture.",
        discussion: """
            Each picture is prepared as the student's is in training: resized (bicubic) until its longest side is \
            --size, placed at the top left of a black square. How patches are read out of the last block is --readout; by \
            default it takes the value path, as in training.

            The file holds `features` [pictures, rows, columns, E] of unit vectors, and `extents` [pictures, 2]: how \
            many rows and columns, not always whole, the picture covers; the rest is padding. Metadata `images` is a \
            JSON array of the paths, `readout` the name of the read-out, `readout_sha256` the digest of all that decides a \
            feature but the picture.
            """
    )

    @OptionGroup var tower: TowerOptions
    @OptionGroup var readout: ReadoutOptions

    @Argument(help: "JPEG or PNG files.")
    var images: [String]

    @Option(help: "Side of the picture in pixels, a multiple of the patch; by default the model's native one.")
    var size: Int?

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Flag(help: "Print what was written as JSON.")
    var json = false

    func validate() throws {
        if images.isEmpty { throw ValidationError("Name at least one picture.") }
    }

    func run() throws {
        let loaded = try tower.load()
        let (tower, readout) = (try loaded.tower(), try readout.readout())
        let vision = loaded.configuration.vision
        let side = try vision.studentSide(size)
        let grid = try vision.grid(height: side, width: side)
        var features: [Float] = []
        var extents: [Float] = []
        var line = ProgressLine("encoding", total: images.count, unit: "pictures")
        for (index, path) in images.enumerated() {
            let image = try PictureFiles.read(path)
            let view = StudentView(of: image, size: side)
            let pixels = Image.normalized([view.image], on: loaded.backend)
            features += tower.denseFeatures(pixels, readout: readout).tokens.floats
            let scale = view.geometry.scale / Double(vision.patchSize)
            extents += [Float(Double(image.height) * scale), Float(Double(image.width) * scale)]
            line.update(index + 1)
        }
        line.finish()
        let shape = [images.count, grid.rows, grid.columns, vision.embeddingSize]
        let checkpoint = Checkpoint(
            tensors: [
                "features": CheckpointTensor(features, shape: shape),
                "extents": CheckpointTensor(extents, shape: [images.count, 2]),
            ],
            metadata: [
                "kind": "dense", "size": String(side), "patch_size": String(vision.patchSize),
                "readout": readout.description,
                "readout_sha256": try readout.digest(encoder: loaded.digest, of: vision).description,
            ]
        )
        try FeatureFile(checkpoint, to: output, images: images).show(asJSON: json)
    }
}
