import Checkpoints
import Foundation
import OrderedCollections
import TestSupport

/// What open_clip and transformers hold for one tiny model in every layout, from `clip_layouts.json`.
struct LayoutListing: Decodable {
    struct Tensor: Decodable, Hashable {
        let dtype: CheckpointTensor.DType
        let shape: [Int]
        let sha256: Digest
    }

    let layouts: [String: [String: Tensor]]
    let casts: [String: [String: Tensor]]

    static func read() throws -> LayoutListing {
        let path = TestFile.path("CheckpointsTests/Fixtures/clip_layouts.json")
        return try JSONDecoder().decode(LayoutListing.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The fixture file of `name`, saved by open_clip or transformers themselves.
    static func path(_ name: String) -> String {
        TestFile.path("CheckpointsTests/Fixtures/clip_\(name).safetensors")
    }

    /// The same listing of a checkpoint of ours.
    static func listing(of checkpoint: Checkpoint) -> [String: Tensor] {
        let pairs = checkpoint.tensors.map { key, tensor in
            (key, Tensor(dtype: tensor.dtype, shape: tensor.shape, sha256: Digest(of: tensor)))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}
