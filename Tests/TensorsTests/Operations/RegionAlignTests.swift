import TestSupport
import Tensors
import Testing

@Suite struct RegionAlignTests {
    let backend = CPUBackend(threadCount: 2)

    /// The weights along x of a region over a grid of one row whose cells are unit vectors.
    private func weights(_ low: Float, _ high: Float, cells: Int = 64) -> [Float] {
        let identity = (0..<cells * cells).map { Float($0 / cells == $0 % cells ? 1 : 0) }
        let x = Tensor(identity, [1, cells, cells], on: backend)
        let region = RegionOfInterest(imageIndex: 0, x0: low, y0: 0, x1: high, y1: 1)
        return x.roiAligned([region], rows: 1, columns: cells).floats
    }

    @Test(
        "one axis's weights match the published vectors",
        arguments: [
            (4, 8, 4, [0.25, 0.25, 0.25, 0.25]), (3, 3.2, 2, [0.4, 0.6]),
            (60.5, 64, 60, [0.140625, 0.28125, 0.28125, 0.296875]),
        ] as [(Float, Float, Int, [Float])]
    )
    func vectors(low: Float, high: Float, first: Int, expected: [Float]) {
        var all = [Float](repeating: 0, count: 64)
        all.replaceSubrange(first..<first + expected.count, with: expected)
        expectClose(weights(low, high), all, tolerance: 1e-6)
    }

    @Test("empty, inverted and far regions give zeros")
    func degenerate() {
        for (low, high) in [(5, 5), (8, 4), (70, 90), (-30, -20)] as [(Float, Float)] {
            #expect(weights(low, high).allSatisfy { $0 == 0 })
        }
    }

    @Test("samples outside the grid count in the mean but contribute nothing")
    func partlyOutside() {
        // Samples at −3.5, −2.5, −1.5, −0.5, 0.5…3.5 minus the half cell: three of eight are beyond −1.
        #expect(abs(weights(-4, 4).reduce(0, +) - 0.625) < 1e-6)
    }

    /// Regions of every kind on grids that are not square.
    private func randomRegions(_ count: Int, images: Int, rows: Int, columns: Int) -> [RegionOfInterest] {
        let random = RandomGenerator(key: 12)
        return (0..<count).map { index in
            func edge(_ draw: Int, _ extent: Int) -> Float {
                let place = Float(random.uniform(at: index * 8 + draw)) * Float(extent + 6) - 3
                return index % 4 == 0 ? place.rounded() : place
            }
            let (x0, y0) = (edge(0, columns), edge(1, rows))
            let isTiny = index % 5 == 0
            return RegionOfInterest(
                imageIndex: index % images,
                x0: x0,
                y0: y0,
                x1: isTiny ? x0 + 0.3 : max(edge(2, columns), x0),
                y1: isTiny ? y0 + 0.7 : max(edge(3, rows), y0)
            )
        }
    }

    @Test("200 random regions agree with bilinear sampling point by point in Float64, forward and backward")
    func reference() {
        let regions = randomRegions(200, images: 3, rows: 9, columns: 14)
        expectSameAsReference([[3, 126, 5]], tolerance: 1e-5) { $0[0].roiAligned(regions, rows: 9, columns: 14) }
    }

    @Test("gradients agree with finite differences through normalisation and the cosine loss")
    func gradients() {
        let regions = randomRegions(12, images: 2, rows: 3, columns: 4)
        expectGradients([[2, 12, 3]]) { $0[0].roiAligned(regions, rows: 3, columns: 4) }
        let inside = (0..<3).map { RegionOfInterest(imageIndex: 0, x0: Float($0), y0: 0, x1: Float($0) + 1.5, y1: 2) }
        expectGradients([[1, 12, 3], [3, 3]]) {
            $0[0].l2Normalized().roiAligned(inside, rows: 3, columns: 4).l2Normalized().rowDots($0[1].l2Normalized())
        }
    }

    @Test("no regions give no rows")
    func noRegions() {
        let x = Tensor.zeros([1, 4, 3], on: backend)
        #expect(x.roiAligned([], rows: 2, columns: 2).shape == [0, 3])
    }
}
