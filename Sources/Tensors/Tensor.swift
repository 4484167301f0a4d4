/// A row-major n-d array on a backend, with the history needed for gradients when it descends from a variable.
///
/// Not `Sendable`, since a graph belongs to one task; send `value` instead.
package struct Tensor {
    package internal(set) var value: TensorValue
    /// Where this tensor stands in the graph; nil when no gradient can flow through it.
    package internal(set) var node: Node?
    /// Computes the value again from what the graph keeps anyway; set where that costs less than to keep it.
    var recomputation: (() -> TensorValue)?

    package init(_ value: TensorValue, node: Node? = nil) {
        self.value = value
        self.node = node
    }

    /// - Parameter values: row-major, as many as the shape has elements.
    package init(_ values: [Float], _ shape: Shape, on backend: any Backend) {
        precondition(values.count == shape.count, "\(shape) takes \(shape.count) values, not \(values.count)")
        self.init(backend.value(shape) { buffer in _ = buffer.update(fromContentsOf: values) })
    }

    /// A tensor written in place by `body`, which must fill the whole buffer.
    package init(
        _ shape: Shape,
        on backend: any Backend,
        initializing body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        self.init(try backend.value(shape, initializing: body))
    }

    package static func zeros(_ shape: Shape, on backend: any Backend) -> Tensor {
        Tensor(backend.filled(shape, with: 0))
    }

    package static func filled(_ shape: Shape, with number: Float, on backend: any Backend) -> Tensor {
        Tensor(backend.filled(shape, with: Double(number)))
    }

    package var shape: Shape { value.shape }
    package var dtype: DType { value.dtype }
    package var backend: any Backend { value.backend }

    /// A copy on the host, row-major.
    package var floats: [Float] { withUnsafeFloats { Array($0) } }

    /// The only element of a tensor that has one.
    package var scalar: Float {
        precondition(shape.count == 1, "\(shape) is not a scalar")
        return withUnsafeFloats { $0[0] }
    }

    package func withUnsafeFloats<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        try backend.withFloats(of: value, body)
    }

    /// A leaf whose gradient is wanted.
    package func asVariable() -> Tensor { Tensor(value, node: Node()) }

    /// The value for a later VJP: kept, or computed again when it is called for.
    var forLater: () -> TensorValue { recomputation ?? { [value] in value } }

    /// The same tensor, whose value is not kept for the backward pass but computed again.
    func recomputed(by body: @escaping () -> TensorValue) -> Tensor {
        var result = self
        // Without history nobody will ask, and the closure would only hold memory.
        if node != nil { result.recomputation = body }
        return result
    }

    /// The same numbers without history.
    package func detached() -> Tensor { Tensor(value) }
}
