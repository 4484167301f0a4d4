package import Tensors

extension ParameterLayout {
    /// Copies the layout's rows out of a tree.
    ///
    /// - Returns: `[count]` numbers in layout order.
    package func flattened(_ tree: ParameterTree) throws(LayersError) -> [Float] {
        try checkFit(of: tree)
        var flat: [Float] = []
        flat.reserveCapacity(count)
        for slice in slices {
            let tensor = try tree.tensor(slice.path)
            tensor.withUnsafeFloats { flat.append(contentsOf: $0[slice.elements]) }
        }
        return flat
    }

    /// Throws unless the tree has every parameter of the layout, each in the layout's shape.
    package func checkFit(of tree: ParameterTree) throws(LayersError) {
        for slice in slices {
            let tensor = try tree.tensor(slice.path)
            guard tensor.shape == slice.shape else {
                throw .wrongShape(path: slice.path, expected: slice.shape, found: tensor.shape)
            }
        }
    }

    /// Puts a flat vector's rows into a tree; what the layout leaves out keeps the tree's values and storage.
    ///
    /// A parameter that the tree lacks is added when the layout covers all of it, so an empty tree can be filled.
    package func unflattened(
        _ flat: [Float],
        into tree: ParameterTree,
        on backend: any Backend
    ) throws(LayersError) -> ParameterTree {
        guard flat.count == count else { throw .wrongLength(expected: count, found: flat.count) }
        var result = tree
        let slicesByPath = Dictionary(grouping: slices.indices, by: { slices[$0].path })
        for path in paths {
            let indices = slicesByPath[path, default: []]
            let shape = slices[indices[0]].shape
            let isWhole = indices.reduce(0) { $0 + slices[$1].count } == shape.count
            let base = isWhole ? nil : try tree.tensor(path)
            if let base, base.shape != shape {
                throw .wrongShape(path: path, expected: shape, found: base.shape)
            }
            result[path] = Tensor(shape, on: backend) { values in
                base?.withUnsafeFloats { _ = values.update(fromContentsOf: $0) }
                for index in indices {
                    _ = values[slices[index].elements].update(fromContentsOf: flat[range(of: index)])
                }
            }
        }
        return result
    }
}
