extension Backend {
    package func activatedProduct(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        bias: TensorValue?,
        _ activation: Activation
    ) -> (input: TensorValue, y: TensorValue) {
        let input = product(a, transposed: transposesA, b, transposed: transposesB, bias: bias)
        switch activation {
        case .gelu: return (input, gelu(input))
        case .quickGELU: return (input, quickGELU(input))
        }
    }

    package func accumulateProduct(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        into target: inout TensorValue
    ) {
        let product = product(a, transposed: transposesA, b, transposed: transposesB, bias: nil)
        accumulate(product.reshaped(to: target.shape), scaledBy: 1, into: &target)
    }
}
