import Checkpoints
import Foundation
import Models
import OrderedCollections
import TestSupport

extension FuzzDecoder {
    /// One file: read, summarised, recognised and mapped to every layout, as `weights convert` does.
    static let safetensors = FuzzDecoder(
        name: "safetensors",
        memoryBound: 256,
        corpus: {
            try ["clip_open_clip", "clip_huggingface", "mix", "dtypes"].map { name in
                let path = TestFile.path("CheckpointsTests/Fixtures/\(name).safetensors")
                return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            }
        },
        mutate: SafetensorsMutation.apply,
        decode: { bytes, workspace in
            await verdict(CheckpointError.self) {
                let file = try CheckpointFiles(opening: try workspace.write(bytes, to: "model.safetensors"))
                _ = try CheckpointSummary(of: file, layout: nil, withDigests: true).description
                let checkpoint = try file.checkpoint()
                for tensor in checkpoint.tensors.values where tensor.dtype.isFloatingPoint { _ = try tensor.floats() }
                let native = try checkpoint.native().checkpoint
                for layout in CheckpointLayout.allCases { _ = try native.laidOut(as: layout) }
            }
        }
    )

    /// The index of two shards; input is the JSON, the shards are sound.
    static let safetensorsIndex = FuzzDecoder(
        name: "safetensors-index",
        memoryBound: 256,
        corpus: {
            let first = SafetensorsIndex(fileNames: shards)
            return [first.encoded(totalByteCount: 24), Array(#"{"weight_map":{"a":"1.safetensors"}}"#.utf8)]
        },
        mutate: TextMutation.json(words: [
            "weight_map", "metadata", "1.safetensors", "2.safetensors", "model.safetensors.index.json", "..", ".",
            "/dev/zero", "progress", "b",
        ]).apply,
        decode: { bytes, workspace in
            await verdict(CheckpointError.self) {
                for (name, file) in shards where !FileManager.default.fileExists(atPath: workspace.path(file)) {
                    let tensor = CheckpointTensor([1, 2, 3], shape: [3])
                    try SafetensorsFile.write(Checkpoint(tensors: [name: tensor]), to: workspace.path(file))
                }
                let path = try workspace.write(bytes, to: "model.safetensors.index.json")
                _ = try CheckpointFiles(opening: path).checkpoint()
            }
        }
    )

    private static let shards: OrderedDictionary<String, String> = ["a": "1.safetensors", "b": "2.safetensors"]
}
