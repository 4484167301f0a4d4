import Datasets
import Objectives
import Testing

@Suite("Labels of patches")
struct LabelCellsTests {
    @Test(
        "a cell has the class of at least half of its pixels",
        arguments: [
            ([3, 3, 255, 7], 3), ([3, 7, 255, 255], 255), ([3, 3, 7, 7], 3), ([254, 254, 3, 3], 3),
            ([254, 254, 254, 3], 255), ([255, 255, 255, 255], 255), ([0, 0, 0, 253], 0), ([253, 253, 253, 253], 253),
        ] as [([UInt8], UInt8)]
    )
    func majority(pixels: [UInt8], expected: UInt8) {
        let labels = LabelMap(width: 2, height: 2, values: pixels)
        let crop = CropRectangle(x: 0, y: 0, width: 2, height: 2)
        #expect(LabelCells.labels(of: labels, crop: crop, isMirrored: false, side: 2, patch: 2) == [expected])
    }

    /// A column is worth 1, a row 10.
    private static let map = LabelMap(width: 6, height: 4, values: (0..<24).map { UInt8($0 % 6 + $0 / 6 * 10) })

    @Test("a cell shows the place of the picture that the view's patch shows, mirrored or not")
    func places() {
        let crop = CropRectangle(x: 2, y: 0, width: 4, height: 4)
        func cells(_ isMirrored: Bool, side: Int) -> [UInt8] {
            LabelCells.labels(of: Self.map, crop: crop, isMirrored: isMirrored, side: side, patch: side / 4)
        }
        let plain: [UInt8] = [2, 3, 4, 5, 12, 13, 14, 15, 22, 23, 24, 25, 32, 33, 34, 35]
        let mirrored: [UInt8] = [5, 4, 3, 2, 15, 14, 13, 12, 25, 24, 23, 22, 35, 34, 33, 32]
        #expect(cells(false, side: 4) == plain)
        #expect(cells(true, side: 4) == mirrored)
        // Enlarged, as a view larger than the picture is.
        #expect(cells(false, side: 12) == plain)
        #expect(cells(true, side: 12) == mirrored)
    }

    @Test("a view smaller than what it shows takes the pixels at the centres")
    func shrunk() {
        let crop = CropRectangle(x: 0, y: 0, width: 4, height: 4)
        #expect(
            LabelCells.labels(of: Self.map, crop: crop, isMirrored: false, side: 2, patch: 1) == [11, 13, 31, 33]
        )
    }
}
