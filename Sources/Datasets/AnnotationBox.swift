/// A box drawn by an annotator, in pixels of the stored picture: left, top, width, height, as in COCO's `bbox`.
///
/// Finite, of positive area and touching its picture; not necessarily inside it. Kept in Float64 as read.
package struct AnnotationBox: Sendable, Hashable {
    package let annotationID: Int64
    /// The dataset's own number; 0 where the file has none.
    package let categoryID: Int64
    package let x: Double
    package let y: Double
    package let width: Double
    package let height: Double
    /// The box surrounds a group too dense to be told apart.
    package let isCrowd: Bool

    /// Far beyond any picture. Sums and products of larger numbers could become infinite, or no numbers at all.
    package static let largestCoordinate = 1e9

    /// Whether all four numbers are finite and none is absurd.
    static func isInRange(_ numbers: [Double]) -> Bool {
        numbers.allSatisfy { abs($0) <= largestCoordinate }
    }

    package init(
        annotationID: Int64,
        categoryID: Int64 = 0,
        x: Double,
        y: Double,
        width: Double,
        height: Double,
        isCrowd: Bool = false
    ) {
        self.annotationID = annotationID
        self.categoryID = categoryID
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.isCrowd = isCrowd
    }
}
