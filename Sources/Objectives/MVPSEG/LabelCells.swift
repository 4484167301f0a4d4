package import Datasets

/// One label for each patch of a view, by majority.
///
/// Among the pixels of a cell that have a class at all, the most frequent one is the cell's if it covers at least half of the
/// whole cell; of two, that with the lowest id. Else the cell has none.
package enum LabelCells {
    /// The cells of a square view, row-major; `LabelMap.void` for those without a label. Of patches of one pixel, its pixels.
    ///
    /// - Parameters:
    ///   - labels: of the whole stored picture.
    ///   - crop: what the view shows of it, resized to a square by taking the pixel at each centre.
    ///   - side: of the view, a multiple of `patch`.
    package static func labels(
        of labels: LabelMap,
        crop: CropRectangle,
        isMirrored: Bool,
        side: Int,
        patch: Int
    ) -> [UInt8] {
        precondition(patch > 0 && side % patch == 0, "a view is made of whole patches")
        let grid = side / patch
        let pixels = LabelPixels.labels(of: labels, crop: crop, isMirrored: isMirrored, side: side)
        if patch == 1 { return pixels.map(known) }
        var cells: [UInt8] = []
        cells.reserveCapacity(grid * grid)
        for row in 0..<grid {
            for column in 0..<grid {
                var counts = [Int](repeating: 0, count: 256)
                for y in row * patch..<(row + 1) * patch {
                    for x in column * patch..<(column + 1) * patch { counts[Int(pixels[y * side + x])] += 1 }
                }
                cells.append(majority(counts, of: patch * patch))
            }
        }
        return cells
    }

    private static func known(_ value: UInt8) -> UInt8 {
        Int(value) < LabelMap.maximumClassCount ? value : LabelMap.void
    }

    /// - Parameters:
    ///   - counts: pixels by value, 256 numbers.
    ///   - pixels: of the cell, those without a class included.
    package static func majority(_ counts: [Int], of pixels: Int) -> UInt8 {
        var best = 0
        for id in 1..<LabelMap.maximumClassCount where counts[id] > counts[best] { best = id }
        return counts[best] > 0 && 2 * counts[best] >= pixels ? UInt8(best) : LabelMap.void
    }
}
