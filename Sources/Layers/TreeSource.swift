package import Tensors

/// Serves parameters from a tree and refuses to guess: a path that is absent or has another shape is an error.
package struct TreeSource: ParameterSource {
    private let tree: ParameterTree

    package init(_ tree: ParameterTree) {
        self.tree = tree
    }

    package func tensor(_ path: String, _ shape: Shape, _ initialization: Initialization) throws -> Tensor {
        guard let tensor = tree[path] else { throw LayersError.missingParameter(path: path, expected: shape) }
        guard tensor.shape == shape else {
            throw LayersError.wrongShape(path: path, expected: shape, found: tensor.shape)
        }
        return tensor
    }
}
