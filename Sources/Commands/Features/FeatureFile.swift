import Checkpoints
import OrderedCollections

/// A file of features that was written, as every `encode` reports it.
struct FeatureFile: Encodable {
    let file: String
    let images: Int
    /// Shapes by the tensor's name.
    let tensors: [String: [Int]]

    /// Writes the file whole or not at all.
    init(_ checkpoint: Checkpoint, to path: String, images: [String]) throws {
        var checkpoint = checkpoint
        checkpoint.metadata["images"] = try PictureFiles.list(images)
        try checkpoint.write(to: path)
        file = path
        self.images = images.count
        tensors = checkpoint.tensors.mapValues(\.shape).reduce(into: [:]) { $0[$1.key] = $1.value }
    }

    func show(asJSON: Bool) throws {
        if asJSON { return try JSONOutput.print(self) }
        let shapes = tensors.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print("\(file): \(shapes) of \(Units.count(images)) pictures")
    }
}
