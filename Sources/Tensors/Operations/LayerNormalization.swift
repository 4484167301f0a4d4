extension Tensor {
    /// Rows brought to mean 0 and variance 1 (biased), then scaled by `weight` and shifted by `bias`, both `[C]`.
    ///
    /// A graph keeps the input, and per row two numbers; the result is computed again where it is wanted.
    ///
    /// - SeeAlso: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
    package func layerNorm(weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
        precondition(
            weight.shape == [shape[-1]] && bias.shape == [shape[-1]],
            "layerNorm: weight \(weight.shape) and bias \(bias.shape) are not rows of \(shape)"
        )
        let (backend, x, scale, shift) = (backend, value, weight.value, bias.value)
        let (y, mean, inverse) = backend.layerNorm(x, weight: scale, bias: shift, epsilon: Double(epsilon))
        return y.recorded(from: [self, weight, bias]) { gradient in
            let shares = backend.layerNormVJP(
                gradient,
                at: x,
                weight: scale,
                mean: mean,
                inverseDeviation: inverse
            )
            return [shares.x, shares.weight, shares.bias]
        }
        .recomputed { backend.layerNorm(x, weight: scale, bias: shift, epsilon: Double(epsilon)).y }
    }
}
