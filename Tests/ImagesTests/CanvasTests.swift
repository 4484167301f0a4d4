import Images
import Testing

@Suite("Canvas")
struct CanvasTests {
    @Test("a frame covers its edge and nothing else")
    func frame() {
        var canvas = Canvas(width: 12, height: 10, color: .white)
        canvas.frame(x: 2, y: 3, width: 8, height: 5, with: .black, thickness: 2)
        for y in 0..<10 {
            for x in 0..<12 {
                let isInside = (2..<10).contains(x) && (3..<8).contains(y)
                let isHole = (4..<8).contains(x) && (5..<6).contains(y)
                #expect(canvas.image[x, y] == (isInside && !isHole ? .black : .white))
            }
        }
    }

    @Test("drawing beyond every side, or with nothing to draw, changes nothing outside and never stops the program")
    func outside() {
        var canvas = Canvas(width: 20, height: 20, color: .white)
        canvas.fill(x: -50, y: -50, width: 40, height: 40, with: .black)
        canvas.fill(x: 30, y: 5, width: 4, height: 4, with: .black)
        canvas.fill(x: 3, y: 3, width: -2, height: 5, with: .black)
        canvas.fill(x: 3, y: 3, width: 0, height: 0, with: .black)
        #expect(canvas.image == Image(width: 20, height: 20, filledWith: .white))
        canvas.box(x: -10, y: -10, width: 100, height: 100, label: "a label longer than the picture", color: .black)
        canvas.frame(x: 5, y: 5, width: 1, height: 1, with: .black, thickness: 9)
        canvas.text("überall", x: -7, y: 15, scale: 3)
        #expect(canvas.image.width == 20 && canvas.image.height == 20)
    }

    @Test("text is as wide as it says, and every printable character leaves ink")
    func text() {
        for code in UInt8(33)...126 {
            let character = String(UnicodeScalar(code))
            let width = Canvas.width(of: character)
            var canvas = Canvas(width: width + 8, height: Canvas.lineHeight(), color: .white)
            canvas.text(character, x: 4, y: 0, color: .black)
            #expect(
                canvas.image != Image(width: width + 8, height: Canvas.lineHeight(), filledWith: .white),
                "\(character)"
            )
        }
        #expect(Canvas.width(of: "ab") == Canvas.width(of: "a") + Canvas.width(of: "b"))
        #expect(Canvas.width(of: "ab", scale: 2) == 2 * Canvas.width(of: "ab"))
    }

    @Test("a label too long is cut with an ellipsis and then fits")
    func shortened() {
        let long = "a rather long caption that does not fit"
        let short = Canvas.shortened(long, toWidth: 100)
        #expect(short.hasSuffix("...") && Canvas.width(of: short) <= 100 && short.count > 6)
        #expect(Canvas.shortened("brief", toWidth: 100) == "brief")
    }

    @Test("a label's tab stands above its box, and inside where there is no room")
    func label() {
        var canvas = Canvas(width: 200, height: 120, color: .white)
        canvas.box(x: 50, y: 60, width: 80, height: 40, label: "cat", color: Color(0xE6352B))
        #expect(canvas.image[51, 59] == Color(0xE6352B))
        canvas.box(x: 50, y: 2, width: 80, height: 40, label: "cat", color: Color(0x0A84D0))
        #expect(canvas.image[52, 3] == Color(0x0A84D0) && canvas.image[100, 1] == .white)
    }

    @Test("a mask tints its pixels and no other")
    func tint() {
        var canvas = Canvas(width: 2, height: 1, color: .white)
        canvas.tint([true, false], with: .black, opacity: 0.5)
        #expect(canvas.image[0, 0] == Color(0x808080) && canvas.image[1, 0] == .white)
    }
}
