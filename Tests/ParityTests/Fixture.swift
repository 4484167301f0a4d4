import Checkpoints
import Foundation
import Layers
import OrderedCollections
import Tensors
import Testing

/// A dump that a Python script of the `Fixtures` folder wrote, read for comparison.
struct Fixture {
    let checkpoint: Checkpoint

    init(_ name: String) throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).safetensors")
        checkpoint = try SafetensorsFile.read(path.path)
    }

    func floats(_ name: String) throws -> [Float] {
        try checkpoint.floats(named: name)
    }

    func tensor(_ name: String, on backend: any Backend) throws -> Tensor {
        Tensor(try floats(name), Shape(try checkpoint.tensor(named: name).shape), on: backend)
    }

    /// The model parameters of the dump, by their keys in an open_clip checkpoint.
    func parameters(on backend: any Backend) throws -> ParameterTree {
        let prefix = "parameters."
        var tree = ParameterTree()
        for name in checkpoint.tensors.keys where name.hasPrefix(prefix) {
            tree[String(name.dropFirst(prefix.count))] = try tensor(name, on: backend)
        }
        return tree
    }

    func metadata(_ name: String) throws -> String {
        try #require(checkpoint.metadata[name])
    }
}
