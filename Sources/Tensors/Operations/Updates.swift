extension Tensor {
    /// The sum of squares in double precision, for gradient norms.
    package var sumOfSquares: Double { backend.sumOfSquares(value) }

    /// False when any element is infinite or not a number.
    package var isFinite: Bool { backend.isFinite(value) }

    /// `self += factor · other`, in place when nobody shares the memory. Drops history.
    package mutating func accumulate(_ other: Tensor, scaledBy factor: Float = 1) {
        precondition(shape == other.shape, "accumulate: \(shape) and \(other.shape) differ")
        node = nil
        backend.accumulate(other.value, scaledBy: Double(factor), into: &value)
    }

    /// One AdamW step on the elements `range` of a flat vector `[P]`, in place when nobody shares the memory.
    ///
    /// `self`, both moments and `gradient` have one shape. Slices with other rates or decay are other calls.
    package mutating func applyAdamW(
        gradient: Tensor,
        moment1: inout Tensor,
        moment2: inout Tensor,
        range: Range<Int>? = nil,
        step: AdamWStep
    ) {
        precondition(
            shape == gradient.shape && shape == moment1.shape && shape == moment2.shape,
            "applyAdamW: \(shape), \(gradient.shape), \(moment1.shape) and \(moment2.shape) differ"
        )
        let range = range ?? 0..<shape.count
        precondition(range.lowerBound >= 0 && range.upperBound <= shape.count, "applyAdamW: \(shape) has no \(range)")
        (node, moment1.node, moment2.node) = (nil, nil, nil)
        backend.adamW(
            &value,
            moment1: &moment1.value,
            moment2: &moment2.value,
            gradient: gradient.value,
            range: range,
            step: step
        )
    }

    /// `self += weight · (other − self)` in place, each operation rounded by itself: equal bits on every CPU.
    package mutating func updateAverage(with other: Tensor, weight: Float) {
        precondition(shape == other.shape, "updateAverage: \(shape) and \(other.shape) differ")
        node = nil
        backend.updateAverage(&value, with: other.value, weight: weight)
    }
}
