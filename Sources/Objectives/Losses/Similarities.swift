import Foundation
import Tensors

/// The cosines of all images with all texts of a set, a block of rows at a time: the matrix is never whole in memory.
struct Similarities {
    let scale: Double
    private let images: Tensor
    private let texts: Tensor
    private let isNegative: (Int, Int) -> Bool

    private static let blockRows = 256

    /// - Parameters:
    ///   - images: `[B, D]`, as are `texts`.
    ///   - scale: α, by which cosines become logits.
    init(images: Tensor, texts: Tensor, scale: Double, isNegative: @escaping (Int, Int) -> Bool) {
        (self.images, self.texts, self.scale, self.isNegative) = (images, texts, scale, isNegative)
    }

    /// B
    var count: Int { images.shape[0] }

    private func counts(_ i: Int, _ k: Int) -> Bool { i == k || isNegative(i, k) }

    /// log Σ_k exp(α·cos_ik) of every row, and log Σ_i of every column; pairs that do not count are left out.
    func logSums() -> (rows: [Double], columns: [Double]) {
        var rows = [Double](repeating: 0, count: count)
        var columns = [Double](repeating: 0, count: count)
        // Cosines are at most 1 up to rounding, so α bounds every logit: no running maximum is needed.
        forEachBlock(of: 0..<count, of: images, against: texts) { block, cosines in
            for (row, i) in block.enumerated() {
                for k in 0..<count where counts(i, k) {
                    let power = exp(scale * (Double(cosines[row * count + k]) - 1))
                    rows[i] += power
                    columns[k] += power
                }
            }
        }
        return (rows.map { scale + log($0) }, columns.map { scale + log($0) })
    }

    /// α Σ_k E_ik g_k for own images i: `[N, D]`.
    ///
    /// - Parameters:
    ///   - entry: E_ik for image i, text k and their cosine; called row by row, for what counts only.
    ///   - onRow: called after each row, with whether no other text fits the image as well as its own.
    func imageGradients(
        of own: Range<Int>,
        _ entry: (Int, Int, Double) -> Double,
        onRow: (Bool) -> Void
    ) -> [Float] {
        gradients(of: own, from: images, against: texts) { i, cosines, entries in
            var isHit = true
            for k in 0..<count where counts(i, k) {
                entries[k] = Float(scale * entry(i, k, Double(cosines[k])))
                if k != i, cosines[k] >= cosines[i] { isHit = false }
            }
            onRow(isHit)
        }
    }

    /// α Σ_i E_ik f_i for own texts k: `[N, D]`.
    func textGradients(of own: Range<Int>, _ entry: (Int, Int, Double) -> Double) -> [Float] {
        gradients(of: own, from: texts, against: images) { k, cosines, entries in
            for i in 0..<count where counts(i, k) {
                entries[i] = Float(scale * entry(i, k, Double(cosines[i])))
            }
        }
    }

    private func gradients(
        of own: Range<Int>,
        from side: Tensor,
        against other: Tensor,
        _ fill: (Int, UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(own.count * side.shape[1])
        forEachBlock(of: own, of: side, against: other) { block, cosines in
            let entries = Tensor([block.count, count], on: side.backend) { values in
                values.update(repeating: 0)
                for (row, index) in block.enumerated() {
                    let columns = row * count..<(row + 1) * count
                    fill(
                        index,
                        UnsafeBufferPointer(rebasing: cosines[columns]),
                        UnsafeMutableBufferPointer(rebasing: values[columns])
                    )
                }
            }
            result += entries.matmul(other).floats  // [block, B]·[B, D]
        }
        return result
    }

    /// Cosines of some rows of one side with all rows of the other: `[block, B]`.
    private func forEachBlock(
        of rows: Range<Int>,
        of side: Tensor,
        against other: Tensor,
        _ body: (Range<Int>, UnsafeBufferPointer<Float>) -> Void
    ) {
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockRows) {
            let block = start..<min(start + Self.blockRows, rows.upperBound)
            let cosines = side.sliced(axis: 0, block).linear(weight: other, bias: nil)
            cosines.withUnsafeFloats { body(block, $0) }
        }
    }
}
