import Images
import Objectives
import Tensors
import Testing

@Suite("Student view and teacher crop")
struct StudentViewTests {
    private func white(_ width: Int, _ height: Int) -> Image {
        Image(width: width, height: height, filledWith: .white)
    }

    @Test("the longest side becomes S, the rest is black at the right or below")
    func padding() {
        let view = StudentView(of: white(40, 30), size: 64)
        #expect(view.scale == 1.6)
        #expect((view.image.width, view.image.height) == (64, 64))
        #expect(view.image[63, 47] == .white && view.image[0, 48] == .black)
        let tall = StudentView(of: white(3, 200), size: 50)
        #expect(tall.image[0, 49] == .white && tall.image[1, 0] == .black)
    }

    @Test("new sides are rounded, halves to even, and never vanish")
    func rounding() {
        // 25 · (50 / 100) = 12.5 and 27 · 0.5 = 13.5
        #expect(StudentView(of: white(100, 25), size: 50).image[0, 11] == .white)
        #expect(StudentView(of: white(100, 25), size: 50).image[0, 12] == .black)
        #expect(StudentView(of: white(100, 27), size: 50).image[0, 13] == .white)
        #expect(StudentView(of: white(400, 1), size: 50).image[0, 0] == .white)
    }

    @Test("a crop keeps its aspect and stands centred, the odd pixel of padding at the right or below")
    func centring() {
        let crop = CropRectangle(x0: 0, y0: 0, x1: 8, y1: 6, imageWidth: 10, imageHeight: 10)
        let image = TeacherCrop.image(of: white(10, 10), crop, size: 12)  // 12 × 9: padding 3, 1 above
        #expect(image[0, 0] == .black && image[0, 1] == .white && image[0, 9] == .white && image[0, 10] == .black)
    }

    @Test("the box chain is fp32: ×s, ÷S, ×N in this order")
    func chain() {
        let view = StudentView(of: white(480, 640), size: 1024)
        let cells = view.cells(
            RegionBox(x0: 0, y0: 160, x1: 123.4, y1: 640),
            grid: Grid(rows: 64, columns: 64),
            imageIndex: 2
        )
        #expect(cells.imageIndex == 2)
        #expect((cells.x0, cells.y0, cells.y1) == (0, 16, 64))
        #expect(cells.x1 == Float(123.4) * Float(1.6) / 1024 * 64)
    }

    @Test("extents that fp32 leaves just above a whole number are not snapped")
    func noSnapping() throws {
        // Some pair of (side, columns) must show it; the sample count of RoIAlign depends on it.
        let above = (400...700).contains { width in
            let view = StudentView(of: white(width, 700), size: 1024)
            let grid = RegionGrid(rows: 1, columns: 7)
            return (0..<7).contains { index in
                let cell = view.cells(
                    grid.cell(index, width: width, height: 700),
                    grid: Grid(rows: 64, columns: 64),
                    imageIndex: 0
                )
                let extent = (cell.x1 - 0.5) - (cell.x0 - 0.5)
                return extent != extent.rounded() && abs(extent - extent.rounded()) < 1e-5
            }
        }
        #expect(above)
    }
}
