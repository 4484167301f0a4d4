extension Tensor {
    /// Steps `range` of one axis; shares memory if nothing but ones stands before that axis.
    package func sliced(axis: Int, _ range: Range<Int>) -> Tensor {
        let axis = shape.resolved(axis: axis)
        precondition(
            range.lowerBound >= 0 && range.upperBound <= shape[axis],
            "sliced: axis \(axis) of \(shape) has no \(range)"
        )
        let (backend, extent) = (backend, shape[axis])
        return backend.sliced(value, axis: axis, range).recorded(from: [self]) { gradient in
            [backend.placed(gradient, axis: axis, range, extent: extent)]
        }
    }

    /// The same elements in the same order under another shape of equal count; shares memory.
    package func reshaped(to newShape: Shape) -> Tensor {
        let oldShape = shape
        return value.reshaped(to: newShape).recorded(from: [self]) { [$0.reshaped(to: oldShape)] }
    }
}
