extension Tensor {
    /// The scalar product of corresponding rows: `[R, E]`·`[R, E]` → `[R]`.
    package func rowDots(_ other: Tensor) -> Tensor {
        precondition(shape == other.shape && shape.rank > 0, "rowDots: \(shape) and \(other.shape) differ")
        let (backend, a, b) = (backend, value, other.value)
        let (wantsA, wantsB) = (node != nil, other.node != nil)
        return backend.rowDots(a, b).recorded(from: [self, other]) { gradient in
            [
                wantsA ? backend.scaledRows(b, by: gradient) : nil,
                wantsB ? backend.scaledRows(a, by: gradient) : nil,
            ]
        }
    }

    /// The sum of all elements, `[]`, accumulated in double precision.
    package func sum() -> Tensor {
        let (backend, inputShape) = (backend, shape)
        return backend.filled([], with: backend.sum(value)).recorded(from: [self]) { gradient in
            [backend.filled(inputShape, with: backend.sum(gradient))]
        }
    }
}
