import Layers
import Models
import Tensors
import TestSupport

extension TextTransformer {
    /// A tower all of whose numbers are drawn, so that none is 0 or 1 by the way it starts.
    static func drawn(_ configuration: Configuration, on backend: any Backend) throws -> TextTransformer {
        var tree = ParameterTree()
        for (index, parameter) in try parameters(of: configuration).enumerated() {
            let noise = Tensor.random(parameter.shape, seed: 31, stream: UInt64(index), on: backend)
            tree[parameter.path] = noise.scaled(by: 0.4)
        }
        return try TextTransformer(ParameterScope(TreeSource(tree)), configuration)
    }
}
