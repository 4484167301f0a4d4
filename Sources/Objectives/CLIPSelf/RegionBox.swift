package import Datasets

/// Edges of a region in pixels of the stored image, left and top first, not necessarily whole or inside the image.
package struct RegionBox: Hashable, Sendable, Codable {
    package var x0: Float
    package var y0: Float
    package var x1: Float
    package var y1: Float

    package init(x0: Float, y0: Float, x1: Float, y1: Float) {
        self.x0 = x0
        self.y0 = y0
        self.x1 = x1
        self.y1 = y1
    }

    /// An annotator's box, its far edges added in fp64 before rounding.
    package init(_ box: AnnotationBox) {
        self.init(x0: Float(box.x), y0: Float(box.y), x1: Float(box.x + box.width), y1: Float(box.y + box.height))
    }

    /// Whether some of the box lies within the picture; only then does RoIAlign read any cell of it.
    package func overlaps(width: Int, height: Int) -> Bool {
        x0 < x1 && y0 < y1 && x1 > 0 && y1 > 0 && x0 < Float(width) && y0 < Float(height)
    }
}
