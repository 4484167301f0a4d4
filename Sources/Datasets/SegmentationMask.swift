/// Which pixels of a picture belong to an object.
package struct SegmentationMask: Sendable, Hashable {
    package let width: Int
    package let height: Int
    /// Row-major, `height · width`.
    package let isInside: [Bool]

    package init(width: Int, height: Int, isInside: [Bool]) {
        precondition(width > 0 && height > 0 && isInside.count == width * height, "one value a pixel")
        self.width = width
        self.height = height
        self.isInside = isInside
    }

    package var area: Int { isInside.count { $0 } }

    package subscript(x: Int, y: Int) -> Bool { isInside[y * width + x] }

    /// Rasterises as pycocotools does, pixel for pixel.
    ///
    /// - Parameters:
    ///   - width: of the picture as stored, as is `height`; run lengths for other sides are refused.
    package init(_ segmentation: Segmentation, width: Int, height: Int) throws(SegmentationError) {
        precondition(width > 0 && height > 0, "sides are at least 1")
        var columns: [Bool]
        switch segmentation {
        case .malformed(let cause): throw SegmentationError(cause: cause)
        case .polygons(let parts):
            columns = [Bool](repeating: false, count: width * height)
            for part in parts {
                let filled = try Self.filled(part, width: width, height: height)
                for index in filled.indices where filled[index] { columns[index] = true }
            }
        case .runs(let runs, let columnCount, let rowCount):
            try Self.check(columnCount, rowCount, width, height)
            columns = try Self.unrolled(runs, count: width * height)
        case .packedRuns(let text, let columnCount, let rowCount):
            try Self.check(columnCount, rowCount, width, height)
            columns = try Self.unrolled(try Self.unpacked(text), count: width * height)
        }
        self.init(columns: columns, width: width, height: height)
    }

    /// From column-major order, which all of COCO's spellings use.
    private init(columns: [Bool], width: Int, height: Int) {
        let rows = (0..<height).flatMap { y in (0..<width).map { x in columns[x * height + y] } }
        self.init(width: width, height: height, isInside: rows)
    }

    private static func check(
        _ columnCount: Int64,
        _ rowCount: Int64,
        _ width: Int,
        _ height: Int
    ) throws(SegmentationError) {
        if columnCount != Int64(width) || rowCount != Int64(height) {
            let cause = "made for \(columnCount) × \(rowCount) pixels, the picture has \(width) × \(height)"
            throw SegmentationError(cause: cause)
        }
    }
}
