package import Datasets

/// A cut out of an image in whole pixels: half-open, inside the image, never empty.
package struct CropRectangle: Hashable, Sendable {
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int

    /// In pixels.
    package var area: Int { width * height }

    /// - Precondition: at least one pixel, none left of or above the image.
    package init(x: Int, y: Int, width: Int, height: Int) {
        precondition(x >= 0 && y >= 0 && width > 0 && height > 0, "a crop lies in its image and is not empty")
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    /// Clips to the image, rounds each edge (halves to even, as Python's `round` in Pillow's `crop`), then widens what
    /// has rounded away to one pixel.
    package init(x0: Double, y0: Double, x1: Double, y1: Double, imageWidth: Int, imageHeight: Int) {
        (x, width) = Self.span(x0, x1, side: imageWidth)
        (y, height) = Self.span(y0, y1, side: imageHeight)
    }

    /// A cell scaled about its centre.
    package init(_ cell: RegionBox, scale: Double, imageWidth: Int, imageHeight: Int) {
        func scaled(_ low: Float, _ high: Float) -> (Double, Double) {
            // Unscaled edges must stay the very numbers of the box: centre ∓ half may differ by a rounding.
            guard scale != 1 else { return (Double(low), Double(high)) }
            let centre = (Double(low) + Double(high)) / 2
            let half = (Double(high) - Double(low)) / 2 * scale
            return (centre - half, centre + half)
        }
        let (x0, x1) = scaled(cell.x0, cell.x1)
        let (y0, y1) = scaled(cell.y0, cell.y1)
        self.init(x0: x0, y0: y0, x1: x1, y1: y1, imageWidth: imageWidth, imageHeight: imageHeight)
    }

    /// An annotator's box scaled about its centre: `[cx ∓ scale·w/2, cy ∓ scale·h/2]`.
    package init(_ box: AnnotationBox, scale: Double, imageWidth: Int, imageHeight: Int) {
        let (cx, cy) = (box.x + box.width / 2, box.y + box.height / 2)
        let (halfWidth, halfHeight) = (box.width * (scale / 2), box.height * (scale / 2))
        self.init(
            x0: cx - halfWidth,
            y0: cy - halfHeight,
            x1: cx + halfWidth,
            y1: cy + halfHeight,
            imageWidth: imageWidth,
            imageHeight: imageHeight
        )
    }

    private static func span(_ low: Double, _ high: Double, side: Int) -> (start: Int, length: Int) {
        func edge(_ value: Double) -> Int { Int(min(max(value, 0), Double(side)).rounded(.toNearestOrEven)) }
        let start = min(edge(low), side - 1)
        return (start, max(edge(high) - start, 1))
    }
}
