extension Tensor {
    /// Square patches as rows, channel-major like a convolution kernel: a strided convolution is then one product.
    ///
    /// - Returns: `[B, H/p·W/p, C·p·p]` for a receiver `[B, C, H, W]`, patches row by row.
    package func patches(size: Int) -> Tensor {
        precondition(
            shape.rank == 4 && size > 0 && shape[2] % size == 0 && shape[3] % size == 0,
            "patches: \(shape) is not a whole number of \(size)×\(size) patches"
        )
        let (backend, imageShape) = (backend, shape)
        return backend.patches(value, size: size).recorded(from: [self]) { gradient in
            [backend.unpatched(gradient, size: size, shape: imageShape)]
        }
    }
}
