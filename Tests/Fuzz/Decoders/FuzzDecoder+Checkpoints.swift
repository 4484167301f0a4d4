import Checkpoints
import Foundation
import Layers
import Models
import OrderedCollections
import Tensors
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

    /// A file of prompts, as `segment` reads it: whatever passes is used.
    static let prompts = FuzzDecoder(
        name: "prompts",
        memoryBound: 256,
        corpus: {
            let facts = SegmentationPrompts.Facts(
                isGated: true,
                gateSharpness: 100,
                readout: "value-residual",
                encoder: Digest(of: "encoder".utf8),
                tokenizer: Digest(of: "tokenizer".utf8),
                classList: "0",
                origin: ["run": "trial"]
            )
            let prompts = SegmentationPrompts(
                contexts: [Float](repeating: 0.5, count: 2 * 3 * 4),
                count: 1,
                length: 3,
                width: 4,
                logScale: 1,
                logGateTemperature: -1,
                facts: facts
            )
            let folder = try TemporaryDirectory()
            try prompts.checkpoint.write(to: folder("prompts.safetensors"))
            return [[UInt8](try Data(contentsOf: URL(fileURLWithPath: folder("prompts.safetensors"))))]
        },
        mutate: SafetensorsMutation.apply,
        decode: { bytes, workspace in
            await verdict(of: bytes, in: workspace) { checkpoint in
                let prompts = try SegmentationPrompts(checkpoint, source: "prompts")
                _ = try SegmentationPrompts(prompts.checkpoint, source: "prompts")
            }
        }
    )

    /// A file of a dense student, as `segment` reads it: whatever passes is used.
    static let student = FuzzDecoder(
        name: "student",
        memoryBound: 256,
        corpus: {
            let folder = try TemporaryDirectory()
            let bytes = try prompts.corpus()[0]
            try Data(bytes).write(to: URL(fileURLWithPath: folder("prompts.safetensors")))
            let begun = try Checkpoint.read(folder("prompts.safetensors"))
            let sizes = DenseDecoder.Configuration(inputs: 3, hidden: 2, embeddingSize: 4)
            var decoder: OrderedDictionary<String, CheckpointTensor> = [:]
            for parameter in try DenseDecoder.parameters(of: sizes) {
                let values = [Float](repeating: 0.25, count: parameter.shape.count)
                decoder[parameter.path] = CheckpointTensor(values, shape: parameter.shape.dimensions)
            }
            let student = DenseStudent(
                prompts: try SegmentationPrompts(begun, source: "corpus"),
                decoder: decoder,
                tower: ["visual.ln_post.bias": CheckpointTensor([1, 2, 3], shape: [3])],
                configuration: sizes
            )
            try student.checkpoint.write(to: folder("student.safetensors"))
            return [[UInt8](try Data(contentsOf: URL(fileURLWithPath: folder("student.safetensors"))))]
        },
        mutate: SafetensorsMutation.apply,
        decode: { bytes, workspace in
            await verdict(of: bytes, in: workspace) { checkpoint in
                let student = try DenseStudent(checkpoint, source: "student")
                _ = try DenseStudent(student.checkpoint, source: "student")
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

    /// A file that is no safetensors is refused before anything asks what it holds.
    private static func verdict(
        of bytes: [UInt8],
        in workspace: FuzzWorkspace,
        _ read: @Sendable (Checkpoint) throws -> Void
    ) async -> Verdict {
        let checkpoint: Checkpoint
        do {
            checkpoint = try SafetensorsFile.read(workspace.write(bytes, to: "mutated.safetensors"))
        } catch let error as CheckpointError {
            return .refused(label(of: error))
        } catch {
            return .wrong("threw \(type(of: error)): \(error)")
        }
        return await verdict(ModelsError.self) { try read(checkpoint) }
    }
}
