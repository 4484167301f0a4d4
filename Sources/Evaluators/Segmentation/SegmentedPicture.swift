package import Datasets
package import Tensors

/// The class of every pixel of a picture, and how it was come by.
package struct SegmentedPicture: Sendable {
    /// At the picture's own size; `LabelMap.void` where it is background.
    package let labels: LabelMap
    /// The size at which the picture was shown to the tower, without padding.
    package let viewWidth: Int
    package let viewHeight: Int
    /// Patches of the picture, or of one window.
    package let grid: Grid
    /// g of each class; nil without a gate.
    package let gates: [Double]?
    /// Patches whose feature has no direction, so that every class scores 0 there.
    package let deadCells: Int
}
