extension Tensor {
    /// Rows of a table by index, as an embedding looks up its tokens: `[V, C]` → `[N, C]`.
    ///
    /// The gradient of a row that is asked for more than once is the sum, added up in the order of the indices.
    package func gatheredRows(_ indices: [Int32]) -> Tensor {
        precondition(shape.rank == 2, "gatheredRows: \(shape) is not a table of rows")
        let (backend, rows) = (backend, shape[0])
        precondition(
            indices.allSatisfy { (0..<rows).contains(Int($0)) },
            "gatheredRows: an index lies outside the \(rows) rows"
        )
        return backend.gatheredRows(value, indices).recorded(from: [self]) { gradient in
            [backend.gatheredRowsVJP(gradient, indices, rows: rows)]
        }
    }
}
