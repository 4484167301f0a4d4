package import Images
package import Tensors

/// The whole picture as the student reads it: longest side S, black below or to the right; and boxes on its grid.
///
/// The padding takes part in attention, as in the reference, and no box touches it.
/// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, section 4.1.
package struct StudentView: Sendable {
    /// S × S pixels, before normalisation.
    package let image: Image
    /// The unrounded ratio s = S / max(width, height) of the stored image.
    package let scale: Double

    /// - Parameter size: S.
    package init(of stored: Image, size: Int) {
        scale = Double(size) / Double(max(stored.width, stored.height))
        image = stored.resized(by: scale).padded(toWidth: size, height: size, .topLeft)
    }

    /// A box in cells of the feature grid.
    ///
    /// In fp32 and in this order (pixels, ×s, ÷S, ×N), which decides some of RoIAlign's sample counts: an extent that
    /// comes out just above a whole number takes one sample more.
    package func cells(_ box: RegionBox, grid: Grid, imageIndex: Int) -> RegionOfInterest {
        let scale = Float(scale)
        func cell(_ edge: Float, side: Int, cells: Int) -> Float { edge * scale / Float(side) * Float(cells) }
        return RegionOfInterest(
            imageIndex: imageIndex,
            x0: cell(box.x0, side: image.width, cells: grid.columns),
            y0: cell(box.y0, side: image.height, cells: grid.rows),
            x1: cell(box.x1, side: image.width, cells: grid.columns),
            y1: cell(box.y1, side: image.height, cells: grid.rows)
        )
    }
}
