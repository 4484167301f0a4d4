extension Tensor {
    /// `x·Wᵀ + b` over the last axis, as `torch.nn.Linear`.
    ///
    /// - Parameters:
    ///   - weight: `[out, in]`.
    ///   - bias: `[out]`, added within the product.
    /// - Returns: `[..., out]` for a receiver `[..., in]`.
    package func linear(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        precondition(
            weight.shape.rank == 2 && shape[-1] == weight.shape[1],
            "linear: the weight \(weight.shape) does not take rows of \(shape)"
        )
        precondition(bias.map { $0.shape == [weight.shape[0]] } ?? true, "linear: the bias is [out]")
        let (backend, x, w) = (backend, value, weight.value)
        let (wantsX, wantsWeight, wantsBias) = (node != nil, weight.node != nil, bias?.node != nil)
        // Frozen weights need no input, a first layer no weight: keep only what the VJP will read.
        let input = wantsWeight ? forLater : nil
        let (inputShape, biasShape) = (shape, bias?.shape)
        return backend.product(x, transposed: false, w, transposed: true, bias: bias?.value)
            .reshaped(to: shape.replacing(axis: -1, with: weight.shape[0]))
            .recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
                let dx =
                    wantsX
                    ? backend.product(gradient, transposed: false, w, transposed: false, bias: nil)
                        .reshaped(to: inputShape) : nil  // [M, out]·[out, in]
                let dw = input.map { backend.product(gradient, transposed: true, $0(), transposed: false, bias: nil) }
                guard let biasShape else { return [dx, dw] }
                return [dx, dw, wantsBias ? backend.columnSums(gradient, shape: biasShape) : nil]
            }
    }
}
