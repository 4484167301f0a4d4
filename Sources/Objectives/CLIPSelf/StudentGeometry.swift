package import Tensors

/// How the student's square picture relates to the stored one: a scale, and boxes on the feature grid.
package struct StudentGeometry: Hashable, Sendable {
    /// S, the side of the student's picture.
    package let size: Int
    /// The unrounded ratio s = S / max(width, height).
    package let scale: Double

    /// - Parameters:
    ///   - width: of the stored image, as is `height`.
    package init(width: Int, height: Int, size: Int) {
        self.size = size
        scale = Double(size) / Double(max(width, height))
    }

    /// A box in cells of the feature grid.
    ///
    /// In fp32 and in this order (pixels, ×s, ÷S, ×N), which decides some of RoIAlign's sample counts: an extent that
    /// comes out just above a whole number takes one sample more.
    package func cells(_ box: RegionBox, grid: Grid, imageIndex: Int) -> RegionOfInterest {
        func cell(_ edge: Float, count: Int) -> Float { edge * Float(scale) / Float(size) * Float(count) }
        return RegionOfInterest(
            imageIndex: imageIndex,
            x0: cell(box.x0, count: grid.columns),
            y0: cell(box.y0, count: grid.rows),
            x1: cell(box.x1, count: grid.columns),
            y1: cell(box.y1, count: grid.rows)
        )
    }
}
