package import Tensors

/// What is wrong with a tree or a layout that came from outside, named by parameter.
package enum LayersError: Error, Equatable {
    /// `expected` is nil where a layout, not a module, asked for the parameter.
    case missingParameter(path: String, expected: Shape?)
    case wrongShape(path: String, expected: Shape, found: Shape)
    case emptySlice(path: String)
    case sliceOutsideTensor(path: String, rows: Range<Int>, shape: Shape)
    case overlappingSlices(path: String, rows: Range<Int>)
    /// A stored layout's entry that describes no slice at all.
    case malformedSlice(path: String, shape: [Int], rows: [Int])
    case wrongLength(expected: Int, found: Int)
}

extension LayersError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missingParameter(let path, let expected):
            """
            \(path): the model wants this parameter\(expected.map { " of shape \($0)" } ?? "") and the weights do not \
            have it. Check that the model configuration belongs to these weights and that their layout was detected.
            """
        case .wrongShape(let path, let expected, let found):
            """
            \(path): the weights have \(found), the model wants \(expected). Check that the model configuration \
            (width, layers, patch_size, image_size, embed_dim) belongs to these weights.
            """
        case .emptySlice(let path):
            "\(path): the layout lists no rows of it. Drop the entry, or store the run's layout anew."
        case .sliceOutsideTensor(let path, let rows, let shape):
            """
            \(path): the layout lists rows \(rows.lowerBound)..<\(rows.upperBound) of a tensor of shape \(shape). \
            The layout and the model configuration do not belong together; use the pair stored with the run.
            """
        case .overlappingSlices(let path, let rows):
            """
            \(path): rows \(rows.lowerBound)..<\(rows.upperBound) are listed twice, so two places of the flat vector \
            would claim them. Give every row once.
            """
        case .malformedSlice(let path, let shape, let rows):
            "\(path): the stored layout has shape \(shape) and rows \(rows); rows must be a first and a past-the-last one."
        case .wrongLength(let expected, let found):
            """
            The layout covers \(expected) parameters and the vector has \(found). They belong to different runs or \
            different unlocked groups.
            """
        }
    }
}
