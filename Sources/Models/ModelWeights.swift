package import Checkpoints
package import Layers
import OrderedCollections
package import Tensors

/// A checkpoint in the native layout, parted into what a model reads and what it carries along.
package struct ModelWeights {
    /// Exactly the model's parameters, in the model's order.
    package let parameters: ParameterTree
    /// Keys that the model does not read, such as the text tower's, in the checkpoint's order.
    package let carried: [String]

    /// Loads strictly: a key below a tower that the model reads (`visual.…`) must be one of the model's.
    ///
    /// - Parameter wanted: the model's parameters, as `VisionTransformer.parameters(of:)` lists them.
    /// - Throws: `CheckpointError.mismatch` with every missing, surplus and misshapen key at once.
    package init(
        _ source: some TensorSource,
        named name: String,
        for wanted: [Parameter],
        on backend: any Backend
    ) throws(CheckpointError) {
        let towers = Set(wanted.map { Self.tower(of: $0.path) })
        let signatures = source.signatures
        let report = MergeReport(
            expected: OrderedDictionary(uniqueKeysWithValues: wanted.map { ($0.path, $0.shape.dimensions) }),
            found: signatures.filter { towers.contains(Self.tower(of: $0.key)) }.mapValues(\.shape)
        )
        guard report.isExact else { throw .mismatch(source: name, report) }
        var tree = ParameterTree()
        for parameter in wanted {
            do {
                let values = try source.tensor(named: parameter.path).floats()
                tree[parameter.path] = Tensor(values, parameter.shape, on: backend)
            } catch {
                throw .inTensor(parameter.path, error)
            }
        }
        parameters = tree
        carried = signatures.keys.filter { !towers.contains(Self.tower(of: $0)) }
    }

    /// The first name of a path.
    private static func tower(of path: String) -> Substring {
        path.prefix { $0 != "." }
    }
}
