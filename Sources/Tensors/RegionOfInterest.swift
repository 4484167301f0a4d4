/// A box over one image's feature grid, in cells: x to the right, y down, edges may lie between cells or outside.
package struct RegionOfInterest: Hashable, Sendable {
    /// Which image of the batch.
    package var imageIndex: Int
    package var x0: Float
    package var y0: Float
    package var x1: Float
    package var y1: Float

    package init(imageIndex: Int, x0: Float, y0: Float, x1: Float, y1: Float) {
        self.imageIndex = imageIndex
        (self.x0, self.y0, self.x1, self.y1) = (x0, y0, x1, y1)
    }
}
