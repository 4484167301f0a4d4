extension Tensor {
    /// A grid of vectors resampled to another size, for position embeddings.
    ///
    /// As PyTorch's `interpolate(mode="bicubic", align_corners=False)` without antialias (kernel a = −0.75).
    ///
    /// - Returns: `[to.rows·to.columns, D]` for a receiver `[from.rows·from.columns, D]`; itself if the sizes agree.
    package func bicubicResized(from source: Grid, to target: Grid) -> Tensor {
        precondition(
            shape.rank == 2 && shape[0] == source.count,
            "bicubicResized: \(shape) is not a grid of \(source)"
        )
        guard source != target else { return self }
        let backend = backend
        return backend.bicubicResized(value, from: source, to: target).recorded(from: [self]) { gradient in
            [backend.bicubicResizedVJP(gradient, from: source, to: target)]
        }
    }

    /// As `bicubicResized(from:to:)` with grids written as (rows, columns).
    package func bicubicResized(from source: (Int, Int), to target: (Int, Int)) -> Tensor {
        bicubicResized(
            from: Grid(rows: source.0, columns: source.1),
            to: Grid(rows: target.0, columns: target.1)
        )
    }
}
