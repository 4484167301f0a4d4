import CKernels

extension CPUBackend {
    package func roiAligned(_ x: TensorValue, _ regions: [RegionOfInterest], grid: Grid) -> TensorValue {
        let depth = x.shape[2]
        let result = filled([regions.count, depth], with: 0)
        let (xs, ys) = (x.pointer, result.mutablePointer)
        threads.parallelFor(regions.count) { index in
            let region = regions[index]
            let image = xs + region.imageIndex * grid.count * depth
            let across = RegionWeights(from: region.x0, to: region.x1, count: grid.columns)
            let down = RegionWeights(from: region.y0, to: region.y1, count: grid.rows)
            for (row, rowWeight) in zip(down.cells, down.weights) {
                for (column, weight) in zip(across.cells, across.weights) {
                    let cell = image + (row * grid.columns + column) * depth
                    kernel_axpy(rowWeight * weight, cell, ys + index * depth, depth)
                }
            }
        }
        return result
    }

    package func roiAlignedVJP(
        _ gradient: TensorValue,
        _ regions: [RegionOfInterest],
        grid: Grid,
        imageCount: Int
    ) -> TensorValue {
        let depth = gradient.shape[1]
        let result = filled([imageCount, grid.count, depth], with: 0)
        let (gs, dxs) = (gradient.pointer, result.mutablePointer)
        let weights = regions.map { region in
            (
                across: RegionWeights(from: region.x0, to: region.x1, count: grid.columns),
                down: RegionWeights(from: region.y0, to: region.y1, count: grid.rows)
            )
        }
        // One task a grid row of an image, which adds the regions in their order.
        threads.parallelFor(imageCount * grid.rows) { task in
            let (image, row) = task.quotientAndRemainder(dividingBy: grid.rows)
            for (index, (across, down)) in weights.enumerated() {
                guard regions[index].imageIndex == image, down.cells.contains(row) else { continue }
                let rowWeight = down.weights[row - down.cells.lowerBound]
                for (column, weight) in zip(across.cells, across.weights) {
                    kernel_axpy(
                        rowWeight * weight,
                        gs + index * depth,
                        dxs + ((image * grid.rows + row) * grid.columns + column) * depth,
                        depth
                    )
                }
            }
        }
        return result
    }
}
