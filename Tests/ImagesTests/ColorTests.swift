import Images
import Testing

@Suite("Color")
struct ColorTests {
    @Test("the first sixty colours of the palette differ visibly from each other")
    func distinct() {
        let colors = (0..<60).map(Color.distinct)
        #expect(Set(colors).count == 60)
        for (i, a) in colors.prefix(16).enumerated() {
            for b in colors.prefix(i) {
                let distance =
                    abs(Int(a.red) - Int(b.red)) + abs(Int(a.green) - Int(b.green)) + abs(Int(a.blue) - Int(b.blue))
                #expect(distance > 40, "\(a) and \(b)")
            }
        }
    }

    @Test("hue, saturation and value give the usual corners")
    func hue() {
        #expect(Color(hue: 0, saturation: 1, value: 1) == Color(0xFF0000))
        #expect(Color(hue: 1.0 / 3, saturation: 1, value: 1) == Color(0x00FF00))
        #expect(Color(hue: 2.0 / 3, saturation: 1, value: 1) == Color(0x0000FF))
        #expect(Color(hue: 0.4, saturation: 0, value: 1) == .white)
    }

    @Test("text on light colours is dark, and on dark colours white")
    func legible() {
        #expect(Color.white.legible == .ink && Color.black.legible == .white)
        #expect(Color(0xF5B800).legible == .ink && Color(0x0A84D0).legible == .white)
    }
}
