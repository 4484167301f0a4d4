/// How far two tensors of one shape are apart, computed in fp64.
package struct TensorComparison: Sendable, Hashable, Codable {
    package let name: String
    package let shape: [Int]
    /// Same type and same bytes: equal NaNs are identical, 0 and −0 are not.
    package let isIdentical: Bool
    /// max |a − b|; nil when some difference is not finite, which JSON could not say.
    package let maximumAbsolute: Double?
    /// ‖a − b‖₂ / ‖a‖₂; 0 for equal values, nil when it is not finite (as for a = 0).
    package let relativeL2: Double?
    /// a·b / (‖a‖‖b‖); nil when either is zero or not finite.
    package let cosine: Double?
    /// Places where either value is NaN or infinite.
    package let nonFiniteCount: Int

    package init(name: String, _ left: CheckpointTensor, _ right: CheckpointTensor) {
        precondition(left.shape == right.shape, "\(name): \(left.shape) and \(right.shape)")
        self.name = name
        shape = left.shape
        isIdentical = left == right
        var (maximum, difference, leftSquares, rightSquares, product) = (0.0, 0.0, 0.0, 0.0, 0.0)
        var nonFiniteCount = 0
        for (a, b) in zip(left.doubles, right.doubles) {
            if !a.isFinite || !b.isFinite { nonFiniteCount += 1 }
            let delta = a - b
            maximum = delta.isNaN || maximum.isNaN ? .nan : max(maximum, delta.magnitude)
            difference += delta * delta
            leftSquares += a * a
            rightSquares += b * b
            product += a * b
        }
        self.nonFiniteCount = nonFiniteCount
        maximumAbsolute = Self.finite(maximum)
        relativeL2 = difference == 0 ? 0 : Self.finite((difference / leftSquares).squareRoot())
        cosine = Self.finite(product / (leftSquares.squareRoot() * rightSquares.squareRoot()))
    }

    private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

    enum CodingKeys: String, CodingKey {
        case name, shape, cosine
        case isIdentical = "identical"
        case maximumAbsolute = "maximum_absolute"
        case relativeL2 = "relative_l2"
        case nonFiniteCount = "non_finite_count"
    }
}
