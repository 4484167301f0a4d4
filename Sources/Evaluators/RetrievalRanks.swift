package import Tensors

/// Where the right answers stand when a gallery is sorted by likeness to a query.
package enum RetrievalRanks {
    /// The place, from 1, of each query's best own row among the rows that are not its own.
    ///
    /// Ties are resolved against the model: a foreign row exactly as near stands before the own one. So features that
    /// are all alike find nothing, and equal pictures or captions do not count as found by luck of their order.
    /// - Parameters:
    ///   - queries: `[Q, E]`, unit rows.
    ///   - gallery: `[G, E]`, unit rows.
    ///   - own: the gallery's rows that are right for each query, at least one.
    ///   - block: queries compared at a time; it bounds the scores held to `block · G` numbers and changes no result.
    /// - Returns: nil where no own row has a score that is a number; foreign scores that are none stand before all.
    package static func ranks(
        queries: [Float],
        gallery: [Float],
        own: [[Int]],
        size: Int,
        block: Int = 256,
        on backend: any Backend
    ) -> [Int?] {
        let count = gallery.count / size
        precondition(queries.count == own.count * size && gallery.count == count * size, "rows of \(size) numbers")
        let table = Tensor(gallery, [count, size], on: backend)
        return stride(from: 0, to: own.count, by: block).flatMap { first -> [Int?] in
            let rows = min(block, own.count - first)
            let part = Array(queries[first * size..<(first + rows) * size])
            let scores = Tensor(part, [rows, size], on: backend).linear(weight: table)  // [rows, G]
            return scores.withUnsafeFloats { scores in
                (0..<rows).map { row in
                    let line = UnsafeBufferPointer(rebasing: scores[row * count..<(row + 1) * count])
                    return rank(of: own[first + row], in: line)
                }
            }
        }
    }

    private static func rank(of own: [Int], in scores: UnsafeBufferPointer<Float>) -> Int? {
        guard let best = own.map({ scores[$0] }).filter({ !$0.isNaN }).max() else { return nil }
        var ahead = 0
        for score in scores where !(score < best) { ahead += 1 }
        return ahead - own.count { !(scores[$0] < best) } + 1
    }
}
