import CKernels

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

    /// `target = self·other`, or `target += self·other`, on the calling thread.
    ///
    /// - Parameter target: `[rows, other.columns]`, with `targetStride` elements between rows.
    func multiply(
        _ other: MatrixView,
        into target: UnsafeMutablePointer<Float>,
        stride targetStride: Int,
        adding: Bool = false
    ) {
        let start = adding ? UnsafePointer(target) : nil
        multiply(other, startingFrom: start, stride: targetStride, into: target, stride: targetStride)
    }

    /// `target = start + self·other`; without a start, the product alone.
    ///
    /// - Parameter startStride: elements between rows of `start`: none for a bias.
    func multiply(
        _ other: MatrixView,
        startingFrom start: UnsafePointer<Float>?,
        stride startStride: Int,
        into target: UnsafeMutablePointer<Float>,
        stride targetStride: Int
    ) {
        assert(columns == other.rows, "\(rows)×\(columns) and \(other.rows)×\(other.columns) do not chain")
        let (left, right) = (kernelMatrix, other.kernelMatrix)
        kernel_product(
            Self.level,
            left,
            right,
            start,
            startStride,
            target,
            targetStride,
            rows,
            columns,
            other.columns
        )
    }

    /// As above, with the columns of a matrix that `pack` has written.
    func multiply(
        packed: UnsafePointer<Float>,
        columns otherColumns: Int,
        startingFrom start: UnsafePointer<Float>?,
        stride startStride: Int,
        into target: UnsafeMutablePointer<Float>,
        stride targetStride: Int
    ) {
        kernel_product_packed(
            Self.level,
            kernelMatrix,
            packed,
            start,
            startStride,
            target,
            targetStride,
            rows,
            columns,
            otherColumns
        )
    }

    /// Writes this matrix in the order in which the kernel multiplies by it.
    func pack(into packed: UnsafeMutablePointer<Float>) {
        kernel_product_pack(Self.level, kernelMatrix, packed, rows, columns)
    }

    private static let level = kernel_level()

    private var kernelMatrix: kernel_matrix {
        kernel_matrix(start: start, row_stride: isTransposed ? 1 : stride, column_stride: isTransposed ? stride : 1)
    }
}
