extension Tensor {
    /// The mean feature of each region: RoIAlign with one bin, adaptive sampling and the aligned half-cell shift.
    ///
    /// An empty region, or one outside the grid, yields zeros and passes no gradient. Regions get no gradient.
    ///
    /// - Returns: `[R, E]` for a receiver `[B, rows·columns, E]`.
    /// - SeeAlso: He et al. 2017, arXiv:1703.06870, section 3; torchvision's `roi_align(aligned=True)`.
    package func roiAligned(_ regions: [RegionOfInterest], rows: Int, columns: Int) -> Tensor {
        let grid = Grid(rows: rows, columns: columns)
        precondition(shape.rank == 3 && shape[1] == grid.count, "roiAligned: \(shape) is not a grid of \(grid)")
        let imageCount = shape[0]
        for region in regions {
            precondition(
                (0..<imageCount).contains(region.imageIndex),
                "roiAligned: there is no image \(region.imageIndex) among \(imageCount)"
            )
            precondition(
                [region.x0, region.y0, region.x1, region.y1].allSatisfy(\.isFinite),
                "roiAligned: a region has an infinite or undefined edge"
            )
        }
        let backend = backend
        return backend.roiAligned(value, regions, grid: grid).recorded(from: [self]) { gradient in
            [backend.roiAlignedVJP(gradient, regions, grid: grid, imageCount: imageCount)]
        }
    }
}
