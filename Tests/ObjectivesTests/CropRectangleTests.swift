import Objectives
import Testing

@Suite("Crop rectangles")
struct CropRectangleTests {
    private func crop(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> [Int] {
        let crop = CropRectangle(x0: x0, y0: y0, x1: x1, y1: y1, imageWidth: 20, imageHeight: 10)
        return [crop.x, crop.y, crop.width, crop.height]
    }

    @Test("edges are rounded, halves to even")
    func rounding() {
        #expect(crop(0.5, 1.5, 2.5, 3.5) == [0, 2, 2, 2])
        #expect(crop(2.49, 2.51, 7.49, 7.51) == [2, 3, 5, 5])
    }

    @Test("what lies outside is cut off")
    func clipping() {
        #expect(crop(-5, -5, 30, 30) == [0, 0, 20, 10])
    }

    @Test("a crop that rounds to nothing is widened to one pixel, inside the image")
    func widening() {
        #expect(crop(3.1, 4.2, 3.3, 4.4) == [3, 4, 1, 1])
        #expect(crop(19.7, 9.6, 20, 10) == [19, 9, 1, 1])
        #expect(crop(25, 12, 30, 15) == [19, 9, 1, 1])
        #expect(crop(-9, -9, -2, -2) == [0, 0, 1, 1])
    }
}
