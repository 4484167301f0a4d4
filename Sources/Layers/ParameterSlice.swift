package import Tensors

/// Some rows of one parameter: `rows` cuts the leading axis, so part of a fused tensor can train alone.
package struct ParameterSlice: Hashable, Sendable {
    package let path: String
    /// The shape of the whole parameter, not of the slice.
    package let shape: Shape
    /// Rows of the leading axis; `0..<1` for a scalar.
    package let rows: Range<Int>

    package init(path: String, shape: Shape, rows: Range<Int>) {
        self.path = path
        self.shape = shape
        self.rows = rows
    }

    /// The whole of a parameter.
    package init(_ parameter: Parameter) {
        let rows = 0..<(parameter.shape.dimensions.first ?? 1)
        self.init(path: parameter.path, shape: parameter.shape, rows: rows)
    }

    package var leadingCount: Int { shape.dimensions.first ?? 1 }

    /// Numbers in one row, whatever the rank.
    package var rowLength: Int { shape.dimensions.dropFirst().reduce(1, *) }

    package var count: Int { rows.count * rowLength }

    package var coversParameter: Bool { rows == 0..<leadingCount }

    /// Where the slice lies in the parameter's own row-major storage.
    package var elements: Range<Int> { rows.lowerBound * rowLength..<rows.upperBound * rowLength }
}
