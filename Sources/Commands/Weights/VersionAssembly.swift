import Checkpoints
import Layers
import OrderedCollections
import Tensors

/// Puts flat vectors back into whole tensors, each under its path and in its shape.
struct VersionAssembly {
    private var values: OrderedDictionary<String, [Float]> = [:]
    private var shapes: [String: [Int]] = [:]

    /// Copies the slices of a layout to their places; a tensor whose rows stand in two layouts is filled by both.
    ///
    /// - Throws: `LayersError.wrongLength` for a vector that is not the layout's.
    mutating func place(_ flat: [Float], by layout: ParameterLayout) throws {
        guard flat.count == layout.count else {
            throw LayersError.wrongLength(expected: layout.count, found: flat.count)
        }
        for (index, slice) in layout.slices.enumerated() {
            shapes[slice.path] = slice.shape.dimensions
            values[slice.path, default: [Float](repeating: 0, count: slice.shape.count)]
                .replaceSubrange(slice.elements, with: flat[layout.range(of: index)])
        }
    }

    var checkpoint: Checkpoint {
        var checkpoint = Checkpoint()
        for (path, values) in values {
            checkpoint.tensors[path] = CheckpointTensor(values, shape: shapes[path] ?? [])
        }
        return checkpoint
    }
}
