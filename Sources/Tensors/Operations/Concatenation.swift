extension Tensor {
    /// Tensors that differ in one axis at most, one after another along it.
    package static func concatenated(_ tensors: [Tensor], axis: Int) -> Tensor {
        guard let first = tensors.first else { preconditionFailure("concatenated: no tensors") }
        let axis = first.shape.resolved(axis: axis)
        for tensor in tensors {
            precondition(
                tensor.shape.rank == first.shape.rank
                    && tensor.shape.replacing(axis: axis, with: 0) == first.shape.replacing(axis: axis, with: 0),
                "concatenated: \(tensor.shape) and \(first.shape) differ in more than axis \(axis)"
            )
        }
        let backend = first.backend
        let extents = tensors.map { $0.shape[axis] }
        let wanted = tensors.map { $0.node != nil }
        return backend.concatenated(tensors.map(\.value), axis: axis).recorded(from: tensors) { gradient in
            var start = 0
            return zip(extents, wanted).map { extent, isWanted in
                defer { start += extent }
                return isWanted ? backend.sliced(gradient, axis: axis, start..<start + extent) : nil
            }
        }
    }

    /// `token` `[D]` put before the rows of each image: `[B, N, D]` → `[B, 1 + N, D]`.
    package func prepending(token: Tensor) -> Tensor {
        precondition(
            shape.rank == 3 && token.shape == [shape[2]],
            "prepending(token:): \(token.shape) is not a row of \(shape)"
        )
        let (backend, images, width) = (backend, shape[0], shape[2])
        let (wantsX, wantsToken, length) = (node != nil, token.node != nil, shape[1])
        let first = backend.repeated(token.value, rows: images).reshaped(to: [images, 1, width])
        return backend.concatenated([first, value], axis: 1).recorded(from: [self, token]) { gradient in
            [
                wantsX ? backend.sliced(gradient, axis: 1, 1..<1 + length) : nil,
                wantsToken
                    ? backend.columnSums(backend.sliced(gradient, axis: 1, 0..<1), shape: [width]) : nil,  // [B, 1, D]
            ]
        }
    }
}
