extension Tensor {
    /// `body(self)`, of which nothing is kept for the backward pass: there it is computed once more.
    ///
    /// Time for memory: the history of `body` exists only while its own gradient is on the way.
    ///
    /// - Parameter body: a pure function of its argument; other tensors that it reads get no gradient.
    /// - SeeAlso: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost", arXiv:1604.06174.
    package func rematerialized(_ body: @escaping (Tensor) -> Tensor) -> Tensor {
        let input = value
        return body(detached()).value.recorded(from: [self]) { gradient in
            let variable = Tensor(input).asVariable()
            return body(variable).gradients(of: [variable], seed: Tensor(gradient)).map(\.value)
        }
    }
}
