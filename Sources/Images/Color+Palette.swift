extension Color {
    /// Colours that stay apart from each other on photographs, also for most colour-blind readers.
    private static let basic: [Color] = [
        Color(0xE6352B), Color(0x0A84D0), Color(0xF5B800), Color(0x14A06C), Color(0x8E4EC6), Color(0xF07818),
        Color(0x22C3D6), Color(0xE84A9B), Color(0x7A9A01), Color(0x5A5FE0), Color(0xA65628), Color(0x9CD44C),
    ]

    /// A colour for the `index`-th box, class or line. The first twelve are hand-picked; later ones go round the hue
    /// circle by the golden ratio, which keeps neighbours in the list apart.
    package static func distinct(_ index: Int) -> Color {
        precondition(index >= 0, "colours are counted from 0")
        if index < basic.count { return basic[index] }
        let hue = (Double(index) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
        let round = index / basic.count
        return Color(hue: hue, saturation: round % 2 == 0 ? 0.85 : 0.6, value: round % 3 == 1 ? 0.7 : 0.92)
    }

    /// Hue, saturation and value from 0 to 1.
    package init(hue: Double, saturation: Double, value: Double) {
        func channel(_ shift: Double) -> UInt8 {
            let k = (shift + hue * 6).truncatingRemainder(dividingBy: 6)
            let level = value - value * saturation * max(0, min(k, 4 - k, 1))
            return UInt8((level * 255).rounded())
        }
        self.init(red: channel(5), green: channel(3), blue: channel(1))
    }
}
