import Objectives

/// What each pixel along one axis takes of each cell of a row of patches: a sparse matrix, pixels × cells.
///
/// Bilinear steps are linear along each axis, so any chain of them, padding cut off and overlapping windows averaged on the
/// way, is one such matrix an axis, and no map between the patches and the picture is ever made.
package struct AxisWeights: Sendable, Hashable {
    struct Term: Sendable, Hashable {
        let cell: Int
        let weight: Double
    }

    package let cellCount: Int
    /// For each pixel its cells in ascending order.
    private(set) var pixels: [[Term]]

    package var pixelCount: Int { pixels.count }

    /// As `BilinearPlace`: a pixel's centre lies between the centres of two cells.
    ///
    /// - Precondition: both counts positive.
    package static func bilinear(from cellCount: Int, to pixelCount: Int) -> AxisWeights {
        AxisWeights(
            cellCount: cellCount,
            pixels: BilinearPlace.all(from: cellCount, to: pixelCount).map { place in
                guard place.share > 0 else { return [Term(cell: place.first, weight: 1)] }
                return [
                    Term(cell: place.first, weight: 1 - place.share), Term(cell: place.second, weight: place.share),
                ]
            }
        )
    }

    private init(cellCount: Int, pixels: [[Term]]) {
        (self.cellCount, self.pixels) = (cellCount, pixels)
    }

    /// The first pixels alone: what follows is padding.
    package func prefix(_ count: Int) -> AxisWeights {
        AxisWeights(cellCount: cellCount, pixels: Array(pixels.prefix(count)))
    }

    /// This step after another, whose pixels are its cells.
    package func following(_ first: AxisWeights) -> AxisWeights {
        precondition(first.pixelCount == cellCount, "the pixels of one step are the cells of the next")
        return AxisWeights(
            cellCount: first.cellCount,
            pixels: pixels.map { terms in
                Self.sum(
                    terms.flatMap { term in
                        first.pixels[term.cell].map { Term(cell: $0.cell, weight: $0.weight * term.weight) }
                    }
                )
            }
        )
    }

    /// Windows that overlap along an axis, each pixel the mean of those that show it; the cells of all windows count one
    /// after another.
    ///
    /// - Parameters:
    ///   - window: the weights within one window.
    ///   - starts: the first pixel of each window; together they show every pixel.
    package static func averaged(_ window: AxisWeights, at starts: [Int], pixelCount: Int) -> AxisWeights {
        let cells = window.cellCount
        return AxisWeights(
            cellCount: cells * starts.count,
            pixels: (0..<pixelCount).map { pixel in
                let showing = starts.indices.filter { (0..<window.pixelCount).contains(pixel - starts[$0]) }
                precondition(!showing.isEmpty, "some window shows every pixel")
                return showing.flatMap { index in
                    window.pixels[pixel - starts[index]].map {
                        Term(cell: index * cells + $0.cell, weight: $0.weight / Double(showing.count))
                    }
                }
            }
        )
    }

    private static func sum(_ terms: [Term]) -> [Term] {
        var weights: [Int: Double] = [:]
        for term in terms { weights[term.cell, default: 0] += term.weight }
        return weights.sorted { $0.key < $1.key }.map { Term(cell: $0.key, weight: $0.value) }
    }
}
