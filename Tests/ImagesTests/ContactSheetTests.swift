import Images
import Testing

@Suite("ContactSheet")
struct ContactSheetTests {
    private func cell(_ color: Color, width: Int = 40, height: Int = 20) -> ContactSheet.Cell {
        ContactSheet.Cell(Image(width: width, height: height, filledWith: color), caption: ["a"])
    }

    @Test("cells stand in rows with equal margins, each picture centred and in its own shape")
    func layout() {
        let sheet = ContactSheet(columns: 2, side: 60)
        let cells = [cell(Color(0xFF0000)), cell(Color(0x00FF00), width: 20, height: 40), cell(Color(0x0000FF))]
        let image = sheet.draw(cells)
        let pitch = 60 + Canvas.lineHeight() + 6 + sheet.margin
        #expect(image.width == sheet.margin + 2 * (60 + sheet.margin))
        #expect(image.height == sheet.margin + 2 * pitch)
        // 40 × 20 becomes 60 × 30, in the middle of the cell.
        #expect(image[sheet.margin, sheet.margin + 15] == Color(0xFF0000))
        #expect(image[sheet.margin, sheet.margin + 14] == .paper)
        #expect(image[sheet.margin + 59, sheet.margin + 44] == Color(0xFF0000))
        // 20 × 40 becomes 30 × 60.
        #expect(image[2 * sheet.margin + 60 + 15, sheet.margin] == Color(0x00FF00))
        #expect(image[2 * sheet.margin + 60 + 14, sheet.margin] == .paper)
        #expect(image[sheet.margin, sheet.margin + pitch + 15] == Color(0x0000FF))
    }

    @Test("a trimmed sheet has cells as high as its highest picture")
    func trimmed() {
        var sheet = ContactSheet(columns: 2, side: 60)
        sheet.isTrimmed = true
        let image = sheet.draw([cell(Color(0xFF0000)), cell(Color(0x00FF00), width: 30, height: 10)])
        // 40 × 20 becomes 60 × 30, 30 × 10 becomes 60 × 20 in the middle.
        #expect(image.height == 2 * sheet.margin + 30 + Canvas.lineHeight() + 6)
        #expect(image[sheet.margin, sheet.margin] == Color(0xFF0000))
        #expect(image[2 * sheet.margin + 60, sheet.margin + 5] == Color(0x00FF00))
        #expect(image[2 * sheet.margin + 60, sheet.margin + 4] == .paper)
    }

    @Test("title, captions and frames leave ink on the paper")
    func ink() {
        let plain = ContactSheet(columns: 1, side: 80).draw([
            ContactSheet.Cell(Image(width: 8, height: 8, filledWith: .paper))
        ])
        #expect(Set(plain.pixels).count <= 2)
        var cell = cell(.paper)
        cell.color = Color(0x123456)
        let full = ContactSheet(title: "Title", columns: 1, side: 80).draw([cell])
        #expect(full.height > plain.height)
        #expect(full[18, 18 + 2 * Canvas.lineHeight() + 12 + 20] == Color(0x123456))
    }
}
