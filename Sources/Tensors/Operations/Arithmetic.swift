extension Tensor {
    /// The elementwise sum of two tensors of one shape.
    package static func + (a: Tensor, b: Tensor) -> Tensor {
        precondition(a.shape == b.shape, "+: \(a.shape) and \(b.shape) differ")
        return a.backend.add(a.value, b.value).recorded(from: [a, b]) { [$0, $0] }
    }

    /// The elementwise difference of two tensors of one shape.
    package static func - (a: Tensor, b: Tensor) -> Tensor {
        precondition(a.shape == b.shape, "-: \(a.shape) and \(b.shape) differ")
        let (backend, wantsB) = (a.backend, b.node != nil)
        return backend.subtract(a.value, b.value).recorded(from: [a, b]) { gradient in
            [gradient, wantsB ? backend.scaled(gradient, by: -1) : nil]
        }
    }

    /// The elementwise product of two tensors of one shape.
    package static func * (a: Tensor, b: Tensor) -> Tensor {
        precondition(a.shape == b.shape, "*: \(a.shape) and \(b.shape) differ")
        let backend = a.backend
        let (forA, forB) = (a.node == nil ? nil : b.value, b.node == nil ? nil : a.value)
        return backend.multiply(a.value, b.value).recorded(from: [a, b]) { gradient in
            [forA.map { backend.multiply(gradient, $0) }, forB.map { backend.multiply(gradient, $0) }]
        }
    }

    /// Every element times a constant.
    package func scaled(by factor: Float) -> Tensor {
        let backend = backend
        return backend.scaled(value, by: Double(factor)).recorded(from: [self]) { gradient in
            [backend.scaled(gradient, by: Double(factor))]
        }
    }
}
