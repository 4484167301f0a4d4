import Objectives
import Tensors
import Testing

@Suite("Student geometry")
struct StudentGeometryTests {
    private let grid = Grid(rows: 64, columns: 64)

    @Test("the box chain is fp32: ×s, ÷S, ×N in this order")
    func chain() {
        let geometry = StudentGeometry(width: 480, height: 640, size: 1024)
        let cells = geometry.cells(RegionBox(x0: 0, y0: 160, x1: 123.4, y1: 640), grid: grid, imageIndex: 2)
        #expect(cells.imageIndex == 2)
        #expect((cells.x0, cells.y0, cells.y1) == (0, 16, 64))
        #expect(cells.x1 == Float(123.4) * Float(1.6) / 1024 * 64)
    }

    @Test("an extent that fp32 leaves just above a whole number is not snapped")
    func noSnapping() {
        // The third of four columns of a picture 405 wide spans 16.000004 cells, so RoIAlign takes 17 samples.
        let cell = RegionGrid(rows: 2, columns: 4).cell(2, width: 405, height: 405)
        let cells = StudentGeometry(width: 405, height: 405, size: 1024).cells(cell, grid: grid, imageIndex: 0)
        #expect((cells.x1 - 0.5) - (cells.x0 - 0.5) == 16.000004)
    }

    @Test("rows and columns of a grid that is not square scale apart")
    func rectangle() {
        let geometry = StudentGeometry(width: 10, height: 10, size: 40)
        let cells = geometry.cells(
            RegionBox(x0: 5, y0: 5, x1: 10, y1: 10),
            grid: Grid(rows: 4, columns: 8),
            imageIndex: 0
        )
        #expect((cells.x0, cells.y0, cells.x1, cells.y1) == (4, 2, 8, 4))
    }
}
