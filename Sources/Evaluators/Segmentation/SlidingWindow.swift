/// Squares by which a picture too large or too long for the tower is shown to it piece by piece.
package struct SlidingWindow: Hashable, Sendable {
    /// Side of the square in pixels of the resized picture, a multiple of the patch.
    package let side: Int
    /// Pixels from one square to the next; where it is smaller than the side they overlap and are averaged.
    package let stride: Int

    /// - Throws: `EvaluatorsError.unusableWindow`
    package init(side: Int, stride: Int, patchSize: Int) throws(EvaluatorsError) {
        guard side > 0, side % patchSize == 0, (1...side).contains(stride) else {
            throw .unusableWindow(side: side, stride: stride, patchSize: patchSize)
        }
        (self.side, self.stride) = (side, stride)
    }

    /// Where squares begin along a side of the picture; the last one is moved back inside. 0 alone where one shows it all.
    package func starts(along length: Int) -> [Int] {
        guard length > side else { return [0] }
        let steps = (length - side + stride - 1) / stride
        return (0...steps).map { min($0 * stride, length - side) }
    }
}
