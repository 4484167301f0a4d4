/// How far computed numbers lie from a reference's; printed by every parity test, passing or not.
struct Difference: CustomStringConvertible {
    let largestAbsolute: Double
    /// The largest absolute difference over the reference's largest magnitude.
    let relative: Double
    let cosine: Double

    init(_ found: some Collection<Float>, from expected: some Collection<Float>) {
        precondition(found.count == expected.count, "\(found.count) numbers against \(expected.count)")
        var (largest, magnitude) = (0.0, 0.0)
        var (dot, foundSquare, expectedSquare) = (0.0, 0.0, 0.0)
        for (a, b) in zip(found, expected) {
            let (a, b) = (Double(a), Double(b))
            // A NaN must not hide behind `max`, which would drop it.
            largest = (a - b).magnitude <= largest ? largest : (a - b).magnitude
            magnitude = max(magnitude, b.magnitude)
            dot += a * b
            foundSquare += a * a
            expectedSquare += b * b
        }
        largestAbsolute = largest
        relative = largest / magnitude
        cosine = dot / (foundSquare * expectedSquare).squareRoot()
    }

    var description: String {
        "largest difference \(largestAbsolute) absolute, \(relative) relative, cosine \(cosine)"
    }
}
