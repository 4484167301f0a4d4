/// For each output position of one axis, the two input positions that it lies between, and how near it is to the second.
///
/// Source `(i + 0.5)·in/out − 0.5`, at the border the border's own, no antialias: what PyTorch's
/// `interpolate(mode="bilinear", align_corners=False)` computes.
package struct BilinearTaps: Sendable, Hashable {
    package let near: [Int]
    package let far: [Int]
    /// Weight of the second one, from 0 to below 1.
    package let shares: [Double]

    package init(from source: Int, to target: Int) {
        precondition(source > 0 && target > 0, "an axis has positions")
        var (near, far, shares): ([Int], [Int], [Double]) = ([], [], [])
        for position in 0..<target {
            let place = max((Double(position) + 0.5) * Double(source) / Double(target) - 0.5, 0)
            let first = min(Int(place), source - 1)
            near.append(first)
            far.append(min(first + 1, source - 1))
            shares.append(first + 1 < source ? place - Double(first) : 0)
        }
        (self.near, self.far, self.shares) = (near, far, shares)
    }
}
