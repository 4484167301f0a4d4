import Images
import Testing

@Suite("HeatMap")
struct HeatMapTests {
    private let white = Image(width: 40, height: 20, filledWith: .white)

    @Test("the lowest value is dark violet, the highest yellow, over the picture in grey")
    func ends() {
        let painted = HeatMap(columns: 2, rows: 1, values: [-0.5, 0.5]).painted(over: white)
        #expect((painted.width, painted.height) == (40, 20))
        #expect(painted[0, 0] == Color.white.mixed(with: Color(0x440154), share: 0.65))
        #expect(painted[39, 19] == Color.white.mixed(with: Color(0xFDE725), share: 0.65))
        // Straight between the middles of the cells: brighter from left to right.
        let row = (0..<40).map { painted[$0, 10].luminance }
        #expect(zip(row, row.dropFirst()).allSatisfy { $0 <= $1 + 0.01 } && row[39] > row[0] + 0.3)
    }

    @Test("values beyond a given range take its ends, what is no number takes the lower one, equal values do no harm")
    func range() {
        let map = HeatMap(columns: 4, rows: 1, values: [-9, 0, .nan, 9], range: -1...1)
        let painted = map.painted(over: white)
        #expect(painted[0, 0] == Color.white.mixed(with: .heat(0), share: 0.65))
        #expect(painted[39, 0] == Color.white.mixed(with: .heat(1), share: 0.65))
        #expect(painted[25, 0] == Color.white.mixed(with: .heat(0), share: 0.65))
        #expect(HeatMap(columns: 4, rows: 1, values: [-9, 0, .nan, 9]).range == -9...9)
        let flat = HeatMap(columns: 1, rows: 2, values: [0.3, 0.3])
        #expect(flat.range == 0.3...0.3)
        #expect(flat.painted(over: white)[3, 3] == Color.white.mixed(with: .heat(0), share: 0.65))
    }

    @Test("the scale gets ever brighter")
    func scale() {
        let levels = (0...100).map { Color.heat(Float($0) / 100).luminance }
        #expect(zip(levels, levels.dropFirst()).allSatisfy { $0 < $1 })
        #expect(Color.heat(-3) == .heat(0) && Color.heat(7) == .heat(1))
    }

    @Test("the drawing has the title above and the scale to the right of the enlarged picture")
    func drawing() {
        let map = HeatMap(columns: 2, rows: 2, values: [0, 0.1, 0.2, 0.3])
        let drawn = map.draw(over: white, title: "a dog")
        let plain = map.draw(over: white)
        #expect(drawn.width == plain.width && plain.width > 400 && plain.height == 200)
        #expect(drawn.height == plain.height + Canvas.lineHeight() + 12)
        // The scale's ends, 12 pixels beside the picture.
        #expect(plain[400 + 12 + 8, Canvas.lineHeight() / 2 + 2].luminance > 0.6)
        #expect(plain[400 + 12 + 8, 200 - Canvas.lineHeight() / 2 - 3].luminance < 0.2)
    }
}
