extension Tensor {
    /// Rows brought to mean 0 and variance 1 (biased), then scaled by `weight` and shifted by `bias`, both `[C]`.
    ///
    /// - SeeAlso: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
    package func layerNorm(weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
        precondition(
            weight.shape == [shape[-1]] && bias.shape == [shape[-1]],
            "layerNorm: weight \(weight.shape) and bias \(bias.shape) are not rows of \(shape)"
        )
        let (backend, x, scale) = (backend, value, weight.value)
        let (y, mean, inverse) = backend.layerNorm(x, weight: scale, bias: bias.value, epsilon: Double(epsilon))
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
    }
}
