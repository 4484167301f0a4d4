extension Tensor {
    /// The matrix product `[..., K]·[K, N]` → `[..., N]`.
    package func matmul(_ other: Tensor) -> Tensor {
        precondition(
            other.shape.rank == 2 && shape[-1] == other.shape[0],
            "matmul: \(shape)·\(other.shape) do not chain"
        )
        let (backend, a, b) = (backend, value, other.value)
        let (wantsA, wantsB) = (node != nil, other.node != nil)
        let kept = wantsB ? forLater : nil
        let inputShape = shape
        return backend.product(a, transposed: false, b, transposed: false, bias: nil)
            .reshaped(to: shape.replacing(axis: -1, with: other.shape[1]))
            .recorded(from: [self, other]) { gradient in
                let da =
                    wantsA
                    ? backend.product(gradient, transposed: false, b, transposed: true, bias: nil)
                        .reshaped(to: inputShape) : nil  // [M, N]·[K, N]ᵀ
                let db = kept.map { backend.product($0(), transposed: true, gradient, transposed: false, bias: nil) }
                return [da, db]
            }
    }
}
