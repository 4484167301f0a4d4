import Foundation
package import Tensors

/// Compares the gradients of an expression with central finite differences in double precision.
///
/// The expression's result is weighted by fixed random numbers and summed, so that every output element counts.
package struct GradientCheck {
    /// The largest difference found, relative to the larger of 1 and the gradient's magnitude.
    package let largestDifference: Double
    /// Names the input and element where it was found, with both numbers.
    package let worst: String

    /// - Parameters:
    ///   - shapes: of the inputs, which are filled with normal numbers drawn from `seed`.
    ///   - step: of the difference; the truncation error is of its square.
    ///   - expression: must be smooth at the inputs.
    package init(
        _ shapes: [Shape],
        seed: UInt64 = 7,
        step: Double = 1e-5,
        _ expression: ([Tensor]) -> Tensor
    ) {
        let backend = ReferenceBackend()
        let inputs = shapes.enumerated().map { index, shape in
            let random = RandomGenerator(run: seed, epoch: 0, sample: UInt64(index), view: 0)
            return (0..<shape.count).map { random.normal(at: $0) }
        }
        let random = RandomGenerator(run: seed, epoch: 1, sample: 0, view: 0)

        func weighted(_ tensors: [Tensor]) -> Tensor {
            let result = expression(tensors)
            let weights = backend.value((0..<result.shape.count).map { random.normal(at: $0) }, result.shape)
            return (result * Tensor(weights)).sum()
        }
        func tensors(_ numbers: [[Double]]) -> [Tensor] {
            zip(numbers, shapes).map { Tensor(backend.value($0, $1)) }
        }

        let variables = tensors(inputs).map { $0.asVariable() }
        let gradients = weighted(variables).gradients(of: variables).map(\.value.doubles)
        var (largest, place) = (0.0, "nowhere")
        for input in inputs.indices {
            for element in inputs[input].indices {
                var moved = inputs
                moved[input][element] = inputs[input][element] + step
                let above = weighted(tensors(moved)).value.doubles[0]
                moved[input][element] = inputs[input][element] - step
                let below = weighted(tensors(moved)).value.doubles[0]
                let expected = (above - below) / (2 * step)
                let found = gradients[input][element]
                let difference = abs(found - expected) / max(1, abs(expected))
                // A NaN must not pass for a small number.
                if !(difference <= largest) {
                    largest = difference.isNaN ? .infinity : difference
                    place = "input \(input), element \(element): \(found), differences give \(expected), seed \(seed)"
                }
            }
        }
        (largestDifference, worst) = (largest, place)
    }
}
