extension CPUBackend {
    package func patches(_ images: TensorValue, size: Int) -> TensorValue {
        let grid = Grid(rows: images.shape[2] / size, columns: images.shape[3] / size)
        let result = empty([images.shape[0], grid.count, images.shape[1] * size * size])
        let (source, target) = (images.pointer, result.mutablePointer)
        forEachPatchRow(images.shape, size: size) { pixels, patch in
            (target + patch).update(from: source + pixels, count: size)
        }
        return result
    }

    package func unpatched(_ patches: TensorValue, size: Int, shape: Shape) -> TensorValue {
        let result = empty(shape)
        let (source, target) = (patches.pointer, result.mutablePointer)
        forEachPatchRow(shape, size: size) { pixels, patch in
            (target + pixels).update(from: source + patch, count: size)
        }
        return result
    }

    /// Pairs the `size` pixels of one row of one patch, as offsets in `[B, C, H, W]` and in `[B, N, C·p·p]`.
    private func forEachPatchRow(_ shape: Shape, size: Int, _ body: @escaping (_ pixels: Int, _ patch: Int) -> Void) {
        let (images, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
        let (rows, columns) = (height / size, width / size)
        let patchCount = channels * size * size
        threads.parallelFor(images * rows) { task in
            let (image, row) = task.quotientAndRemainder(dividingBy: rows)
            for channel in 0..<channels {
                for y in 0..<size {
                    let line = ((image * channels + channel) * height + row * size + y) * width
                    for column in 0..<columns {
                        let patch = ((image * rows + row) * columns + column) * patchCount
                        body(line + column * size, patch + (channel * size + y) * size)
                    }
                }
            }
        }
    }
}
