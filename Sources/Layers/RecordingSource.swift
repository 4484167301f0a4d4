package import Tensors

/// Passes requests on and keeps what came back, so that building a model from a seed also yields its tree.
package final class RecordingSource: ParameterSource {
    package private(set) var tree = ParameterTree()
    private let source: any ParameterSource

    package init(_ source: any ParameterSource) {
        self.source = source
    }

    package func tensor(_ path: String, _ shape: Shape, _ initialization: Initialization) throws -> Tensor {
        let tensor = try source.tensor(path, shape, initialization)
        tree[path] = tensor
        return tensor
    }
}
