/// Where a pixel lies among the cells of an axis: between the centres of two, or on that of one.
///
/// As PyTorch's `interpolate(mode="bilinear", align_corners=False)`, without antialias.
package struct BilinearPlace: Sendable, Hashable {
    package let first: Int
    /// The next cell, or the same at an end of the axis.
    package let second: Int
    /// Of the second, from 0 to below 1.
    package let share: Double

    /// Of each pixel.
    ///
    /// - Precondition: both counts positive.
    package static func all(from cellCount: Int, to pixelCount: Int) -> [BilinearPlace] {
        precondition(cellCount > 0 && pixelCount > 0, "an axis has cells and pixels")
        let ratio = Double(cellCount) / Double(pixelCount)
        return (0..<pixelCount).map { pixel in
            let place = max((Double(pixel) + 0.5) * ratio - 0.5, 0)
            let first = min(Int(place), cellCount - 1)
            let isLast = first + 1 == cellCount
            return BilinearPlace(
                first: first,
                second: isLast ? first : first + 1,
                share: isLast ? 0 : place - Double(first)
            )
        }
    }
}
