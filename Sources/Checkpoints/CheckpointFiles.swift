import Foundation
package import OrderedCollections

/// The file, or the set of shards, that one path stands for; headers checked, data read on demand.
package struct CheckpointFiles: TensorSource {
    /// The single file or the index that was opened; a directory has been resolved to one of them.
    package let path: String
    package let files: [SafetensorsFile]
    private let fileOfTensor: [String: Int]

    /// Opens a `.safetensors` file, an `.index.json`, or a directory that holds exactly one of either.
    ///
    /// - Throws: `CheckpointError`; for shards also when index and files disagree in either direction.
    package init(opening path: String) throws(CheckpointError) {
        let path = try Self.resolved(path)
        self.path = path
        guard path.hasSuffix(".json") else {
            let file = try SafetensorsFile(opening: path)
            files = [file]
            fileOfTensor = Dictionary(uniqueKeysWithValues: file.header.entries.keys.map { ($0, 0) })
            return
        }
        let index = try SafetensorsIndex(reading: path)
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
        var files: [SafetensorsFile] = []
        var fileOfTensor: [String: Int] = [:]
        for name in OrderedSet(index.fileNames.values.sorted()) {
            let file = try SafetensorsFile(opening: directory.appendingPathComponent(name).path)
            for tensor in file.header.entries.keys {
                if let other = fileOfTensor.updateValue(files.count, forKey: tensor) {
                    throw .duplicateTensor(tensor: tensor, files: [files[other].path, file.path])
                }
                guard index.fileNames[tensor] == name else {
                    let reason = "\(name) holds this tensor, but the index does not say so"
                    throw .malformedIndex(file: path, entry: tensor, reason: reason)
                }
            }
            files.append(file)
        }
        for (tensor, name) in index.fileNames where fileOfTensor[tensor] == nil {
            throw .malformedIndex(file: path, entry: tensor, reason: "the index places it in \(name), which lacks it")
        }
        self.files = files
        self.fileOfTensor = fileOfTensor
    }

    package var signatures: OrderedDictionary<String, TensorSignature> {
        files.reduce(into: [:]) { all, file in all.merge(file.signatures) { first, _ in first } }
    }

    /// The first shard's metadata: writers repeat it in each.
    package var metadata: [String: String] { files.first?.metadata ?? [:] }

    package func tensor(named name: String) throws(CheckpointError) -> CheckpointTensor {
        guard let index = fileOfTensor[name] else { throw .noSuchTensor(file: path, tensor: name) }
        return try files[index].tensor(named: name)
    }

    /// Everything, read into memory.
    package func checkpoint() throws(CheckpointError) -> Checkpoint {
        var checkpoint = Checkpoint(metadata: metadata)
        for file in files {
            for name in file.header.entries.keys { checkpoint.tensors[name] = try file.tensor(named: name) }
        }
        return checkpoint
    }

    private static func resolved(_ path: String) throws(CheckpointError) -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
            return path
        }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw .unreadable(file: path, reason: error.localizedDescription)
        }
        let candidates = names.filter { name in
            name.hasSuffix(SafetensorsIndex.suffix)
                || name.hasSuffix(".safetensors") && !name.hasPrefix(".") && !isShard(name)
        }
        guard candidates.count == 1 else { throw .noCheckpoint(directory: path, found: candidates.sorted()) }
        return URL(fileURLWithPath: path).appendingPathComponent(candidates[0]).path
    }

    /// `model-00001-of-00003.safetensors`: a part that is meaningless without its index.
    private static func isShard(_ name: String) -> Bool {
        name.firstMatch(of: /-\d{5}-of-\d{5}\.safetensors$/) != nil
    }
}
