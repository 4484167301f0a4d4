package import Tensors

/// Finds each region's nearest crop among the crops of all regions of a set.
package enum RegionRetrieval {
    /// Queries compared at a time: it bounds the scores held to 256 · R numbers.
    static let chunk = 256

    /// - Parameters:
    ///   - queries: `[R, E]` unit rows.
    ///   - gallery: `[R, E]` unit rows; row i belongs to query i.
    /// - Returns: how many queries have their own row as the first of the nearest. Of rows exactly as near the first in
    ///   the gallery counts, so equal crops share one hit.
    package static func hits(queries: [Float], gallery: [Float], size: Int, on backend: any Backend) -> Int {
        let count = gallery.count / size
        guard count > 0 else { return 0 }
        let crops = Tensor(gallery, [count, size], on: backend)
        return stride(from: 0, to: count, by: chunk).reduce(0) { hits, first in
            let rows = min(chunk, count - first)
            let part = Array(queries[first * size..<(first + rows) * size])
            let scores = Tensor(part, [rows, size], on: backend).linear(weight: crops)  // [rows, R]
            return scores.withUnsafeFloats { scores in
                hits
                    + (0..<rows).count { row in
                        let line = scores[row * count..<(row + 1) * count]
                        return nearest(line) == first + row
                    }
            }
        }
    }

    /// Position of the first of the largest numbers; nil where one is no number.
    private static func nearest(_ scores: Slice<UnsafeBufferPointer<Float>>) -> Int? {
        var best = scores.startIndex
        for index in scores.indices {
            if scores[index].isNaN { return nil }
            if scores[index] > scores[best] { best = index }
        }
        return best - scores.startIndex
    }
}
