/// What one call must do: floating-point operations, and bytes to read and to write if every operand passes memory once.
///
/// A multiply-add is two operations, any other arithmetic or a function such as exp one. Attention backwards counts its
/// five products, the recomputation among them, as it runs (Dao et al. 2022, arXiv:2205.14135).
package struct PrimitiveCost: Hashable, Sendable {
    package var operations: Int
    package var bytes: Int

    package init(operations: Int = 0, bytes: Int = 0) {
        self.operations = operations
        self.bytes = bytes
    }

    /// - Parameter floats: elements read and written, four bytes each.
    init(operations: Int = 0, floats: Int) { self.init(operations: operations, bytes: floats * 4) }

    /// `y = f(x…)`, element by element.
    ///
    /// - Parameters:
    ///   - count: elements of the result.
    ///   - inputs: operands of that size.
    ///   - operations: an element.
    package static func elementwise(_ count: Int, inputs: Int, operations: Int = 1) -> PrimitiveCost {
        PrimitiveCost(operations: operations * count, floats: (inputs + 1) * count)
    }

    /// `[M, K]·[K, N]`, with a bias `[N]` or without.
    package static func product(rows: Int, inner: Int, columns: Int, hasBias: Bool = false) -> PrimitiveCost {
        let (result, bias) = (rows * columns, hasBias ? columns : 0)
        return PrimitiveCost(
            operations: 2 * result * inner + (hasBias ? result : 0),
            floats: rows * inner + inner * columns + result + bias
        )
    }

    /// Packed `[B, T, 3·D]` to `[B, T, D]` and a log-sum a row and head: two products of T × S × T a head, and the
    /// softmax (four operations a score). With causality only the scores of keys that a query looks at.
    package static func attention(_ qkv: Shape, headCount: Int, isCausal: Bool) -> PrimitiveCost {
        let (images, tokens, width) = (qkv[0], qkv[1], qkv[2] / 3)
        let scores = images * scoreCount(tokens, isCausal: isCausal)
        return PrimitiveCost(
            operations: 4 * scores * (width + headCount),
            floats: qkv.count + images * tokens * width + images * headCount * tokens
        )
    }

    /// Reads queries, keys, values, the result, its gradient and the log-sums; writes the gradient of all three: five
    /// products a head, and five operations a score.
    package static func attentionVJP(_ qkv: Shape, headCount: Int, isCausal: Bool) -> PrimitiveCost {
        let (images, tokens, width) = (qkv[0], qkv[1], qkv[2] / 3)
        let scores = images * scoreCount(tokens, isCausal: isCausal)
        return PrimitiveCost(
            operations: 10 * scores * width + 5 * scores * headCount,
            floats: 2 * qkv.count + 2 * images * tokens * width + images * headCount * tokens
        )
    }

    /// Scores of one head and image.
    private static func scoreCount(_ tokens: Int, isCausal: Bool) -> Int {
        isCausal ? tokens * (tokens + 1) / 2 : tokens * tokens
    }

    package static func + (a: PrimitiveCost, b: PrimitiveCost) -> PrimitiveCost {
        PrimitiveCost(operations: a.operations + b.operations, bytes: a.bytes + b.bytes)
    }
}
