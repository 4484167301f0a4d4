/// An opaque 8-bit colour in the picture's own (usually sRGB) encoding.
package struct Color: Sendable, Hashable {
    package var red: UInt8
    package var green: UInt8
    package var blue: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// `0xRRGGBB`, as colours are written in style sheets.
    package init(_ hex: UInt32) {
        self.init(
            red: UInt8(truncatingIfNeeded: hex >> 16),
            green: UInt8(truncatingIfNeeded: hex >> 8),
            blue: UInt8(truncatingIfNeeded: hex)
        )
    }

    package static let black = Color(0x000000)
    package static let white = Color(0xFFFFFF)
    package static let paper = Color(0xFAFAF7)
    package static let ink = Color(0x26282B)
    package static let faded = Color(0x7A7E85)

    /// Perceived brightness from 0 to 1 (Rec. 709 weights); decides whether black or white text reads better on top.
    package var luminance: Float {
        (0.2126 * Float(red) + 0.7152 * Float(green) + 0.0722 * Float(blue)) / 255
    }

    /// Black or white, whichever reads better on top of the receiver.
    package var legible: Color { luminance > 0.55 ? .ink : .white }

    /// The receiver with `share` (0…1) of another colour mixed in.
    package func mixed(with other: Color, share: Float) -> Color {
        func mix(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8((Float(a) + (Float(b) - Float(a)) * share).rounded()) }
        return Color(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }
}
