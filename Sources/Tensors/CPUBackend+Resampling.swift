import CKernels

/// Separable: along rows to `[source.rows, target.columns, D]`, then along columns. Position embeddings are small and
/// resized once per size, so one thread does it.
extension CPUBackend {
    package func bicubicResized(_ x: TensorValue, from source: Grid, to target: Grid) -> TensorValue {
        let depth = x.shape[1]
        let middle = filled([source.rows * target.columns, depth], with: 0)
        let result = filled([target.count, depth], with: 0)
        let across = CubicTaps(from: source.columns, to: target.columns)
        let (xs, ms, ys) = (x.pointer, middle.mutablePointer, result.mutablePointer)
        for row in 0..<source.rows {
            across.forEach { output, input, weight in
                let from = xs + (row * source.columns + input) * depth
                kernel_axpy(weight, from, ms + (row * target.columns + output) * depth, depth)
            }
        }
        let width = target.columns * depth
        CubicTaps(from: source.rows, to: target.rows).forEach { output, input, weight in
            kernel_axpy(weight, ms + input * width, ys + output * width, width)
        }
        return withExtendedLifetime(middle) { result }
    }

    package func bicubicResizedVJP(_ gradient: TensorValue, from source: Grid, to target: Grid) -> TensorValue {
        let depth = gradient.shape[1]
        let middle = filled([source.rows * target.columns, depth], with: 0)
        let result = filled([source.count, depth], with: 0)
        let (gs, ms, xs) = (gradient.pointer, middle.mutablePointer, result.mutablePointer)
        let width = target.columns * depth
        CubicTaps(from: source.rows, to: target.rows).forEach { output, input, weight in
            kernel_axpy(weight, gs + output * width, ms + input * width, width)
        }
        let across = CubicTaps(from: source.columns, to: target.columns)
        for row in 0..<source.rows {
            across.forEach { output, input, weight in
                let from = ms + (row * target.columns + output) * depth
                kernel_axpy(weight, from, xs + (row * source.columns + input) * depth, depth)
            }
        }
        return withExtendedLifetime(middle) { result }
    }
}
