import TestSupport
import Tensors
import Testing

/// Largest difference between a gradient and central differences of step 1e-5 in double precision.
let gradientTolerance = 1e-7
/// Largest difference between Float32 and Float64, relative to a tensor's magnitude; sums of some hundred terms.
let floatTolerance = 5e-6

/// Expects an operation's VJP to agree with finite differences on small inputs.
func expectGradients(
    _ shapes: [Shape],
    location: SourceLocation = #_sourceLocation,
    _ expression: ([Tensor]) -> Tensor
) {
    let check = GradientCheck(shapes, expression)
    #expect(check.largestDifference < gradientTolerance, "\(shapes): \(check.worst)", sourceLocation: location)
}

/// Expects the CPU backend to agree with the plain loops, forward and backward.
func expectSameAsReference(
    _ shapes: [Shape],
    tolerance: Double = floatTolerance,
    location: SourceLocation = #_sourceLocation,
    _ expression: ([Tensor]) -> Tensor
) {
    let comparison = BackendComparison(shapes, expression)
    #expect(comparison.largestDifference < tolerance, "\(shapes): \(comparison.worst)", sourceLocation: location)
}

/// Expects numbers to agree to an absolute tolerance.
func expectClose(
    _ found: [Float],
    _ expected: [Float],
    tolerance: Float = 1e-6,
    location: SourceLocation = #_sourceLocation
) {
    #expect(found.count == expected.count, sourceLocation: location)
    for (index, (a, b)) in zip(found, expected).enumerated() {
        #expect(abs(a - b) <= tolerance, "element \(index)", sourceLocation: location)
    }
}
