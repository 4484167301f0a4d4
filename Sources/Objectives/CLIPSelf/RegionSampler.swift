package import Datasets
package import Tensors

/// Chooses the regions of a sample for one epoch; a pure function of picture size, annotations and generator.
///
/// Draw 0 chooses the grid; the shuffle of n candidates takes draws 1 to n − 1, so neither shifts the other.
/// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, section 3.2.
package struct RegionSampler: Sendable {
    private let configuration: CLIPSelf.Configuration
    private let grids: [RegionGrid]

    package init(_ configuration: CLIPSelf.Configuration) {
        self.configuration = configuration
        grids = RegionGrid.all(limit: configuration.gridLimit)
    }

    /// - Parameters:
    ///   - width: of the stored image, as is `height`.
    ///   - proposals: in file order, categories and crowd flags ignored; read in proposals mode only.
    package func regions(
        width: Int,
        height: Int,
        proposals: [AnnotationBox],
        generator: RandomGenerator
    ) -> [Region] {
        switch configuration.regions {
        case .patches: cells(width: width, height: height, generator: generator)
        case .proposals: boxes(proposals, width: width, height: height, generator: generator)
        }
    }

    /// The grid of patches mode.
    package func grid(_ generator: RandomGenerator) -> RegionGrid {
        grids[generator.integer(below: grids.count, at: 0)]
    }

    private func cells(width: Int, height: Int, generator: RandomGenerator) -> [Region] {
        let grid = grid(generator)
        let kept = generator.shuffled(Array(0..<grid.cellCount), firstDraw: 1).prefix(configuration.regionsPerImage)
        return kept.map { index in
            let cell = grid.cell(index, width: width, height: height)
            let crop = CropRectangle(cell, scale: configuration.cropScale, imageWidth: width, imageHeight: height)
            return Region(studentBox: cell, crop: crop, provenance: .cell(grid, index: index))
        }
    }

    private func boxes(_ proposals: [AnnotationBox], width: Int, height: Int, generator: RandomGenerator) -> [Region] {
        let isFit = { (box: AnnotationBox) in self.isFit(box, width: width, height: height) }
        // Published order: the cap first, so fewer than the cap may remain although more would be fit.
        let candidates = configuration.filtersBeforeCap ? proposals.filter(isFit) : proposals
        let kept = generator.shuffled(candidates, firstDraw: 1).prefix(configuration.regionsPerImage).filter(isFit)
        guard !kept.isEmpty else { return [fallback(width: width, height: height)] }
        return kept.map { box in
            Region(
                studentBox: RegionBox(box),
                crop: CropRectangle(box, scale: configuration.cropScale, imageWidth: width, imageHeight: height),
                provenance: .proposal(annotation: box.annotationID)
            )
        }
    }

    private func isFit(_ box: AnnotationBox, width: Int, height: Int) -> Bool {
        let smallest = configuration.minimumSide * configuration.minimumSide
        let largest = configuration.maximumSide * configuration.maximumSide
        return (smallest...largest).contains(box.width * box.height)
            && RegionBox(box).overlaps(width: width, height: height)
    }

    private func fallback(width: Int, height: Int) -> Region {
        let box = RegionBox(x0: 0, y0: 0, x1: Float(width) / 4, y1: Float(height) / 4)
        let crop = CropRectangle(
            x0: 0,
            y0: 0,
            x1: Double(width / 4),
            y1: Double(height / 4),
            imageWidth: width,
            imageHeight: height
        )
        return Region(studentBox: box, crop: crop, provenance: .fallback)
    }
}
