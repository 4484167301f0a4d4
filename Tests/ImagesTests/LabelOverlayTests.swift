import Images
import Testing

@Suite("LabelOverlay")
struct LabelOverlayTests {
    private let overlay = LabelOverlay(names: ["cat", "dog", "grass"])

    /// The left part of a class, the rest of another.
    private func labels(_ width: Int, _ height: Int, _ left: UInt8, _ right: UInt8, share: Double) -> [UInt8] {
        (0..<width * height).map { Double($0 % width) < Double(width) * share ? left : right }
    }

    @Test("colours are mixed in at 0.55, and nothing is laid over pixels without a class")
    func colors() {
        let picture = Image(width: 40, height: 20, filledWith: Color(red: 100, green: 200, blue: 50))
        let painted = overlay.painted(labels(40, 20, 0, LabelOverlay.none, share: 0.5), over: picture)
        #expect((painted.width, painted.height) == (40, 20))
        #expect(painted[5, 5] == picture[5, 5].mixed(with: Color(red: 128, green: 0, blue: 0), share: 0.55))
        #expect(painted[30, 5] == picture[30, 5])
        // A light line stands between them, on the last column of the left one.
        #expect(painted[19, 5] == picture[19, 5].mixed(with: .white, share: 0.75))
    }

    @Test("a large picture keeps its size, small ones are enlarged by a whole factor, and a legend stands at the right")
    func sizes() {
        for (side, height, factor) in [(500, 400, 1), (128, 100, 4), (399, 30, 2), (1, 1, 400)] {
            let picture = Image(width: side, height: height, filledWith: .white)
            let drawn = overlay.draw([UInt8](repeating: 1, count: side * height), over: picture)
            #expect(drawn.width > side * factor && drawn.height >= height * factor)
            let expected = Color.white.mixed(with: .label(1), share: 0.55)
            #expect(drawn[0, 0] == expected && drawn[side * factor - 1, height * factor - 1] == expected)
            #expect(drawn[side * factor, 0] == .paper)
        }
    }

    @Test("swatches stand in the order of the areas; what is small is one line, as is what has no class")
    func legend() {
        let (width, height) = (1000, 400)
        var values = labels(width, height, 2, 0, share: 0.25)
        values.replaceSubrange(0..<1000, with: [UInt8](repeating: 1, count: 1000))
        values.replaceSubrange(1000..<21_000, with: [UInt8](repeating: LabelOverlay.none, count: 20_000))
        let drawn = overlay.draw(values, over: Image(width: width, height: height, filledWith: .black))
        // 12 pixels of margin, swatches of 14 inside a frame.
        func swatch(_ row: Int) -> Color { drawn[width + 12 + 7, 12 + row * (Canvas.lineHeight() + 6) + 7] }
        #expect(swatch(0) == .label(0) && swatch(1) == .label(2))
        #expect(swatch(2) == .faded, "0.25 % is small")
        #expect(swatch(3) == .paper, "a hollow one")
    }

    @Test("names are written where they fit, and only there")
    func names() {
        let picture = Image(width: 600, height: 400, filledWith: .black)
        let wide = overlay.painted(labels(600, 400, 0, 1, share: 0.5), over: picture)
        let named = overlay.draw(labels(600, 400, 0, 1, share: 0.5), over: picture)
        func differs(_ columns: Range<Int>) -> Bool {
            columns.contains { x in (0..<400).contains { wide[x, $0] != named[x, $0] } }
        }
        #expect(differs(0..<300) && differs(301..<600))
        let thin = labels(600, 400, 0, 1, share: 0.01)
        let plain = overlay.painted(thin, over: picture)
        let drawn = overlay.draw(thin, over: picture)
        #expect((0..<6).allSatisfy { x in (0..<400).allSatisfy { plain[x, $0] == drawn[x, $0] } })
    }

    @Test("many classes make a legend that ends, and a picture of one column is drawn")
    func extremes() {
        let many = (0..<100 * 100).map { UInt8($0 / 40 % 250) }
        let drawn = overlay.draw(many, over: Image(width: 100, height: 100, filledWith: .ink))
        #expect(drawn.height == 400)
        let column = Image(width: 1, height: 5000, filledWith: .ink)
        let strip = overlay.draw([UInt8](repeating: 3, count: 5000), over: column)
        #expect(strip.height == 5000 && strip.width > 1)
        #expect(overlay.draw([255], over: Image(width: 1, height: 1, filledWith: .ink)).height >= 400)
    }

    @Test("equal input gives equal pixels")
    func deterministic() {
        let values = labels(90, 60, 0, 2, share: 0.4)
        let picture = Image(width: 90, height: 60, filledWith: .ink)
        #expect(overlay.draw(values, over: picture) == overlay.draw(values, over: picture))
    }
}
