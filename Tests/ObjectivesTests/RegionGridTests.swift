import Objectives
import Testing

@Suite("Grids of patches mode")
struct RegionGridTests {
    @Test("M = 6 gives the paper's 24 pairs")
    func pairs() {
        let columns: [ClosedRange<Int>] = [1...2, 1...4, 2...6, 2...6, 3...6, 3...6]
        let expected = columns.enumerated().flatMap { row, range in
            range.map { RegionGrid(rows: row + 1, columns: $0) }
        }
        #expect(RegionGrid.all(limit: 6) == expected)
        #expect(expected.count == 24)
        #expect(expected.reduce(0) { $0 + $1.cellCount } == 361)
    }

    @Test("cells tile the picture row by row, to its very edges")
    func cells() {
        let grid = RegionGrid(rows: 2, columns: 3)
        #expect(grid.cell(0, width: 90, height: 40) == RegionBox(x0: 0, y0: 0, x1: 30, y1: 20))
        #expect(grid.cell(5, width: 90, height: 40) == RegionBox(x0: 60, y0: 20, x1: 90, y1: 40))
        for limit in 1...8 {
            for grid in RegionGrid.all(limit: limit) {
                let last = grid.cell(grid.cellCount - 1, width: 641, height: 427)
                #expect(last.x1 == 641 && last.y1 == 427)
            }
        }
    }
}
