import Tensors

/// The flat order of some slices of a parameter tree: what the store, the codecs and the optimizers agree on.
///
/// A model has two layouts, one of what trains and one of what stays; each is a vector that is cut into chunks
/// without any knowledge of the model.
package struct ParameterLayout: Hashable, Sendable {
    package let slices: [ParameterSlice]
    /// Where each slice begins in the flat vector; one more entry, the total, closes the list.
    package let offsets: [Int]

    /// - Throws: `LayersError` for a slice that is empty, outside its tensor, or listed twice.
    package init(_ slices: [ParameterSlice]) throws(LayersError) {
        var claimed: [String: [ParameterSlice]] = [:]
        for slice in slices {
            guard !slice.rows.isEmpty, slice.rowLength > 0 else { throw .emptySlice(path: slice.path) }
            guard slice.rows.lowerBound >= 0, slice.rows.upperBound <= slice.leadingCount else {
                throw .sliceOutsideTensor(path: slice.path, rows: slice.rows, shape: slice.shape)
            }
            for earlier in claimed[slice.path, default: []] {
                guard earlier.shape == slice.shape else {
                    throw .wrongShape(path: slice.path, expected: earlier.shape, found: slice.shape)
                }
                guard !earlier.rows.overlaps(slice.rows) else {
                    throw .overlappingSlices(path: slice.path, rows: slice.rows)
                }
            }
            claimed[slice.path, default: []].append(slice)
        }
        self.slices = slices
        self.offsets = slices.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    }

    /// All rows of the given parameters.
    package init(_ parameters: [Parameter]) throws(LayersError) {
        try self.init(parameters.map(ParameterSlice.init))
    }

    /// Length of the flat vector.
    package var count: Int { offsets[slices.count] }

    /// Where slice `index` lies in the flat vector.
    package func range(of index: Int) -> Range<Int> { offsets[index]..<offsets[index + 1] }

    /// The paths, each once, in the order of their first slice.
    package var paths: [String] {
        var seen: Set<String> = []
        return slices.map(\.path).filter { seen.insert($0).inserted }
    }

    /// The rows of `parameters` that this layout leaves out, in the order of `parameters`.
    ///
    /// - Throws: `LayersError.missingParameter` when this layout names a parameter that the list lacks.
    package func complement(in parameters: [Parameter]) throws(LayersError) -> ParameterLayout {
        let claimed = Dictionary(grouping: slices, by: \.path)
        let known = Set(parameters.map(\.path))
        if let stranger = slices.first(where: { !known.contains($0.path) }) {
            throw .missingParameter(path: stranger.path, expected: stranger.shape)
        }
        var rest: [ParameterSlice] = []
        for parameter in parameters {
            let whole = ParameterSlice(parameter)
            var start = 0
            let taken = claimed[parameter.path, default: []].sorted { $0.rows.lowerBound < $1.rows.lowerBound }
            for rows in taken.map(\.rows) + [whole.leadingCount..<whole.leadingCount] {
                if start < rows.lowerBound {
                    rest.append(
                        ParameterSlice(path: whole.path, shape: whole.shape, rows: start..<rows.lowerBound)
                    )
                }
                start = rows.upperBound
            }
        }
        return try ParameterLayout(rest)
    }
}
