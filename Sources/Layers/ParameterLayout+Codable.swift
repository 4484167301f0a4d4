import Tensors

extension ParameterLayout: Codable {
    /// `[{"path": …, "shape": [2304, 768], "rows": [1536, 2304]}, …]`, the form stored with a run.
    package init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        var slices: [ParameterSlice] = []
        while !list.isAtEnd { slices.append(try list.decode(StoredSlice.self).slice) }
        try self.init(slices)
    }

    package func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for slice in slices { try list.encode(StoredSlice(slice)) }
    }

    /// Bytes whose hash identifies the layout: equal exactly when paths, shapes, rows and order are equal.
    ///
    /// One line a slice, as in `visual.proj [768, 512] 0..<768`, after a line that names the form.
    package var digestInput: [UInt8] {
        let lines = slices.map { slice in
            "\(slice.path) \(slice.shape.dimensions) \(slice.rows.lowerBound)..<\(slice.rows.upperBound)\n"
        }
        return Array(("stillhouse layout 1\n" + lines.joined()).utf8)
    }
}

private struct StoredSlice: Codable {
    var path: String
    var shape: [Int]
    var rows: [Int]

    init(_ slice: ParameterSlice) {
        path = slice.path
        shape = slice.shape.dimensions
        rows = [slice.rows.lowerBound, slice.rows.upperBound]
    }

    var slice: ParameterSlice {
        get throws {
            // No tensor of ours comes near 2⁴⁰ elements; past that, products of extents could overflow.
            let count = shape.reduce(1.0) { $0 * Double($1) }
            guard shape.allSatisfy({ $0 >= 0 }), count < 0x1p40, rows.count == 2, rows[0] <= rows[1] else {
                throw LayersError.malformedSlice(path: path, shape: shape, rows: rows)
            }
            return ParameterSlice(path: path, shape: Shape(shape), rows: rows[0]..<rows[1])
        }
    }
}
