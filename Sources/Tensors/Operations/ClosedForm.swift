extension Tensor {
    /// A scalar that is known together with its gradients: what was computed in closed form takes its place in a graph.
    ///
    /// - Parameter gradients: of the scalar with respect to each of the tensors, in its shape.
    package static func scalar(
        _ number: Double,
        on backend: any Backend,
        withGradients gradients: [(tensor: Tensor, gradient: Tensor)]
    ) -> Tensor {
        for (tensor, gradient) in gradients {
            precondition(tensor.shape == gradient.shape, "a gradient of \(gradient.shape) for \(tensor.shape)")
        }
        let values = gradients.map(\.gradient.value)
        return backend.filled([], with: number).recorded(from: gradients.map(\.tensor)) { gradient in
            let factor = backend.sum(gradient)
            return values.map { backend.scaled($0, by: factor) }
        }
    }
}
