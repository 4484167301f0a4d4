package import Tensors

/// Runs one expression on `CPUBackend` and on `ReferenceBackend` and compares results and gradients.
package struct BackendComparison {
    /// The largest absolute difference, relative to the larger of 1 and the largest magnitude in the same tensor.
    package let largestDifference: Double
    /// Names the tensor and element where it was found, with both numbers.
    package let worst: String

    /// - Parameters:
    ///   - shapes: of the inputs, which are filled with normal numbers drawn from `seed`.
    ///   - threadCount: of the CPU backend.
    package init(
        _ shapes: [Shape],
        seed: UInt64 = 11,
        threadCount: Int = 2,
        _ expression: ([Tensor]) -> Tensor
    ) {
        let found = Self.results(on: CPUBackend(threadCount: threadCount), shapes, seed, expression)
        let reference = ReferenceBackend()
        let expected = Self.results(on: reference, shapes, seed, expression)
        var (largest, place) = (0.0, "nowhere")
        for (index, (mine, theirs)) in zip(found, expected).enumerated() {
            let numbers = theirs.value.doubles
            let magnitude = numbers.reduce(1) { max($0, abs($1)) }
            for (element, (a, b)) in zip(mine.floats, numbers).enumerated() {
                let difference = abs(Double(a) - b) / magnitude
                if !(difference <= largest) {
                    largest = difference.isNaN ? .infinity : difference
                    let name = index == 0 ? "result" : "gradient of input \(index - 1)"
                    place = "\(name) \(theirs.shape), element \(element): \(a), should be \(b), seed \(seed)"
                }
            }
        }
        (largestDifference, worst) = (largest, place)
    }

    /// The result of the expression, then the gradients of its weighted sum with respect to each input.
    package static func results(
        on backend: any Backend,
        _ shapes: [Shape],
        _ seed: UInt64,
        _ expression: ([Tensor]) -> Tensor
    ) -> [Tensor] {
        let variables = shapes.enumerated().map { index, shape in
            Tensor.random(shape, seed: seed, stream: UInt64(index), on: backend).asVariable()
        }
        let result = expression(variables)
        let seedGradient = Tensor.random(result.shape, seed: seed, stream: 1000, on: backend)
        return [result.detached()] + result.gradients(of: variables, seed: seedGradient)
    }
}

extension Tensor {
    /// Standard normal numbers rounded to Float32, the same on every backend.
    package static func random(_ shape: Shape, seed: UInt64, stream: UInt64 = 0, on backend: any Backend) -> Tensor {
        let random = RandomGenerator(run: seed, epoch: 0, sample: stream, view: 0)
        return Tensor((0..<shape.count).map { Float(random.normal(at: $0)) }, shape, on: backend)
    }
}
