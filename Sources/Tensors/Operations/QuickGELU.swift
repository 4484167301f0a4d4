extension Tensor {
    /// x·σ(1.702·x), the approximation that OpenAI's CLIP weights were trained with.
    ///
    /// - SeeAlso: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2.
    package func quickGELU() -> Tensor {
        let (backend, x) = (backend, value)
        return backend.quickGELU(x).recorded(from: [self]) { [backend.quickGELUVJP($0, at: x)] }
            .recomputed { backend.quickGELU(x) }
    }
}
