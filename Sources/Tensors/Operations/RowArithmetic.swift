extension Tensor {
    /// Adds `row` `[C]` to each row of `[..., C]`.
    package func adding(row: Tensor) -> Tensor {
        precondition(row.shape == [shape[-1]], "adding(row:): \(row.shape) is not a row of \(shape)")
        return adding(trailing: row)
    }

    /// Adds `positions` `[T, C]` to every image of `[B, T, C]`.
    package func adding(positions: Tensor) -> Tensor {
        precondition(
            shape.rank == 3 && positions.shape == [shape[1], shape[2]],
            "adding(positions:): \(positions.shape) does not fit \(shape)"
        )
        return adding(trailing: positions)
    }

    /// Multiplies each row of `[..., C]` elementwise by `row` `[C]`.
    package func multiplied(row: Tensor) -> Tensor {
        precondition(row.shape == [shape[-1]], "multiplied(row:): \(row.shape) is not a row of \(shape)")
        let (backend, factors) = (backend, row.value)
        let (wantsX, x) = (node != nil, row.node == nil ? nil : value)
        return backend.multiply(value, row: factors).recorded(from: [self, row]) { gradient in
            [
                wantsX ? backend.multiply(gradient, row: factors) : nil,
                x.map { backend.columnDots(gradient, $0, shape: factors.shape) },
            ]
        }
    }

    private func adding(trailing: Tensor) -> Tensor {
        let (backend, trailingShape, wantsTrailing) = (backend, trailing.shape, trailing.node != nil)
        return backend.add(value, row: trailing.value).recorded(from: [self, trailing]) { gradient in
            [gradient, wantsTrailing ? backend.columnSums(gradient, shape: trailingShape) : nil]
        }
    }
}
