package import Tensors

/// The Euclidean norm of a flat vector in fp64, with one result however the vector is cut into parts.
///
/// Squares are summed in blocks of a fixed size; the blocks' sums are added in order. Threads may take parts as they
/// like: collect `blockSums` of each part and join them in the order of the parts.
package enum GlobalNorm {
    /// Parts begin at multiples of this, as the store's do.
    package static let blockSize = 4096

    /// - Parameter part: `[n]`, beginning at a multiple of `blockSize` in the whole vector.
    package static func blockSums(of part: TensorValue) -> [Double] {
        stride(from: 0, to: part.count, by: blockSize).map { start in
            part.backend.sumOfSquares(part.leadingSlice(start..<min(start + blockSize, part.count)))
        }
    }

    /// - Parameter blockSums: those of the whole vector, in order.
    package static func norm(ofBlockSums blockSums: some Sequence<Double>) -> Double {
        blockSums.reduce(0, +).squareRoot()
    }
}
