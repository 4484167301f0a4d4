extension Color {
    /// Pascal VOC's colour of a label value: its bits dealt out to red, green and blue, highest first.
    ///
    /// - Precondition: from 0 (black) to 255.
    package static func interleaved(_ value: Int) -> Color {
        precondition((0...255).contains(value), "a label value has eight bits")
        var (red, green, blue) = (0, 0, 0)
        for place in 0..<3 {
            let bits = value >> (3 * place)
            red |= (bits & 1) << (7 - place)
            green |= (bits >> 1 & 1) << (7 - place)
            blue |= (bits >> 2 & 1) << (7 - place)
        }
        return Color(red: UInt8(red), green: UInt8(green), blue: UInt8(blue))
    }

    /// The colour of a class by its id: that of the label value above it, as 0 is black there. Black for 255, which is no class.
    package static func label(_ id: UInt8) -> Color { interleaved((Int(id) + 1) & 255) }

    /// The colours of all ids, as the palette of a label map.
    package static let labelPalette: [Color] = (UInt8.min...UInt8.max).map(label)
}
