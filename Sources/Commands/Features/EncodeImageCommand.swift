import ArgumentParser
import Checkpoints
import Evaluators
import Models
import OrderedCollections
import Tensors

/// `stillhouse encode image`
struct EncodeImageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "One vector a picture.",
        discussion: """
            Each picture is prepared as a teacher's crop is in training: resized (bicubic) until its longest side is the \
            model's native size, its shape kept, and centred on black. With --prepare crop it is prepared as CLIP's own \
            pictures are: the shortest side fits, and what is too long falls off at both ends; `evaluate` does so by \
            default. For square pictures both are the same.

            The file holds `features` [pictures, E], unit rows in the order of the arguments; its metadata `images` \
            is a JSON array of the paths.
            """
    )

    @OptionGroup var tower: TowerOptions

    @Argument(help: "JPEG or PNG files.")
    var images: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Option(help: "How pictures become square: pad (longest side fits) or crop (shortest side fits).")
    var prepare: ImagePreparation = .pad

    @Option(help: "Pictures in one pass; it bounds memory.")
    var batch = 8

    @Flag(help: "Print what was written as JSON.")
    var json = false

    func validate() throws {
        if batch < 1 { throw ValidationError("--batch is \(batch); it must be 1 or more.") }
        if images.isEmpty { throw ValidationError("Name at least one picture.") }
    }

    func run() throws {
        let loaded = try tower.load()
        let encoder = try PictureEncoder(
            loaded.tower(),
            preparation: prepare,
            batch: batch,
            on: loaded.backend
        )
        var features: [Float] = []
        var line = ProgressLine("encoding", total: images.count, unit: "pictures")
        for start in stride(from: 0, to: images.count, by: batch) {
            let part = images[start..<min(start + batch, images.count)]
            features += encoder.encode(try part.map(PictureFiles.read)).floats
            line.update(part.endIndex)
        }
        line.finish()
        let tensor = CheckpointTensor(features, shape: [images.count, encoder.size])
        let checkpoint = Checkpoint(
            tensors: ["features": tensor],
            metadata: ["kind": "image", "size": String(encoder.side), "prepare": prepare.rawValue]
        )
        try FeatureFile(checkpoint, to: output, images: images).show(asJSON: json)
    }
}

extension VisionTransformer.Configuration {
    /// The side of the model's native pictures.
    /// - Throws: `CommandFailure` for a model with others than square ones.
    func squareSide() throws -> Int {
        guard imageWidth == imageHeight else {
            throw CommandFailure(
                .usage,
                "The model takes pictures of \(imageWidth) × \(imageHeight); crops need one with square pictures."
            )
        }
        return imageHeight
    }

    /// A side of the student's picture that patches divide: the one asked for, or the native one.
    func studentSide(_ size: Int?) throws -> Int {
        let side = try size ?? squareSide()
        guard (1...8192).contains(side) else {
            throw CommandFailure(.usage, "--size is \(side); it must be from 1 to 8192.")
        }
        _ = try grid(height: side, width: side)
        return side
    }
}
