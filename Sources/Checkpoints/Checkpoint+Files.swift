import Foundation
import OrderedCollections

extension Checkpoint {
    /// Reads whatever `path` stands for: a file, an index with its shards, or a directory of either.
    package static func read(_ path: String) throws(CheckpointError) -> Checkpoint {
        try CheckpointFiles(opening: path).checkpoint()
    }

    /// Writes one file, or shards plus an index when the data exceed `maximumShardByteCount`.
    ///
    /// For `dir/model.safetensors` the shards are `dir/model-00001-of-0000N.safetensors` and the index is
    /// `dir/model.safetensors.index.json`. All shards are on disk before the first takes its name, and the index takes its
    /// own last. A tensor larger than the limit gets a shard to itself.
    ///
    /// - Returns: the paths written; with shards, the index last.
    @discardableResult
    package func write(to path: String, maximumShardByteCount: Int? = nil) throws(CheckpointError) -> [String] {
        guard let limit = maximumShardByteCount, byteCount > limit else {
            try SafetensorsFile.write(self, to: path)
            return [path]
        }
        let url = URL(fileURLWithPath: path)
        let suffix = ".safetensors"
        let stem = path.hasSuffix(suffix) ? String(url.lastPathComponent.dropLast(suffix.count)) : url.lastPathComponent
        let shards = shards(of: limit)
        var index: OrderedDictionary<String, String> = [:]
        var staged: [AtomicFile] = []
        for (number, shard) in shards.enumerated() {
            let name = "\(stem)-\(Self.fiveDigits(number + 1))-of-\(Self.fiveDigits(shards.count))\(suffix)"
            for tensor in shard.tensors.keys { index[tensor] = name }
            let target = url.deletingLastPathComponent().appendingPathComponent(name).path
            staged.append(try SafetensorsFile.stage(shard, replacing: target))
        }
        let indexPath = url.deletingLastPathComponent().appendingPathComponent(stem + SafetensorsIndex.suffix).path
        let indexFile = try AtomicFile(replacing: indexPath)
        try indexFile.append(SafetensorsIndex(fileNames: index).encoded(totalByteCount: byteCount))
        for file in staged + [indexFile] { try file.sync() }
        for file in staged + [indexFile] { try file.commit() }
        return (staged + [indexFile]).map(\.path)
    }

    /// Splits by name, greedily, so that equal checkpoints give equal shards.
    private func shards(of limit: Int) -> [Checkpoint] {
        var shards: [Checkpoint] = []
        for (name, tensor) in tensors.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if let last = shards.last, last.byteCount + tensor.bytes.count <= limit {
                shards[shards.count - 1].tensors[name] = tensor
            } else {
                shards.append(Checkpoint(tensors: [name: tensor], metadata: metadata))
            }
        }
        return shards
    }

    private static func fiveDigits(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 5 - String(number).count)) + String(number)
    }
}
