extension Tensor {
    /// x·Φ(x) with the exact erf, as in `torch.nn.GELU`; OpenAI's weights want `quickGELU()` instead.
    ///
    /// Of its input and its result, the larger tensors of a transformer block, a graph keeps the input alone.
    ///
    /// - SeeAlso: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2.
    package func gelu() -> Tensor {
        let (backend, x) = (backend, value)
        return backend.gelu(x).recorded(from: [self]) { [backend.geluVJP($0, at: x)] }
            .recomputed { backend.gelu(x) }
    }
}
