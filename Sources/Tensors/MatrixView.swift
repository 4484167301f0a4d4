import COpenBLAS

/// A matrix read in place: the distance between its stored rows is free, so a head inside packed rows is one too.
struct MatrixView {
    let start: UnsafePointer<Float>
    /// Extents as multiplied, after any transposition.
    let rows: Int
    let columns: Int
    /// Elements between stored rows.
    let stride: Int
    private var isTransposed = false

    init(_ start: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int) {
        self.start = start
        (self.rows, self.columns, self.stride) = (rows, columns, stride)
    }

    private init(transposing other: MatrixView) {
        start = other.start
        (rows, columns, stride) = (other.columns, other.rows, other.stride)
        isTransposed = !other.isTransposed
    }

    var transposed: MatrixView { MatrixView(transposing: self) }

    /// Rows and columns of the matrix as multiplied.
    func tile(_ rows: Range<Int>, _ columns: Range<Int>) -> MatrixView {
        let (down, across) =
            isTransposed ? (columns.lowerBound, rows.lowerBound) : (rows.lowerBound, columns.lowerBound)
        let origin = start + down * stride + across
        let view =
            isTransposed
            ? MatrixView(origin, rows: columns.count, columns: rows.count, stride: stride).transposed
            : MatrixView(origin, rows: rows.count, columns: columns.count, stride: stride)
        return view
    }

    /// `target = self·other`, or `target += self·other`.
    ///
    /// - Parameter target: `[rows, other.columns]`, with `targetStride` elements between rows.
    func multiply(
        _ other: MatrixView,
        into target: UnsafeMutablePointer<Float>,
        stride targetStride: Int,
        adding: Bool = false
    ) {
        assert(columns == other.rows, "\(rows)×\(columns) and \(other.rows)×\(other.columns) do not chain")
        stillhouse_sgemm(
            isTransposed,
            other.isTransposed,
            rows,
            other.columns,
            columns,
            1,
            start,
            stride,
            other.start,
            other.stride,
            adding ? 1 : 0,
            target,
            targetStride
        )
    }
}
