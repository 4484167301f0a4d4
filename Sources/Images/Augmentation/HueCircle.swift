/// A colour on its way from RGB to HSV and back in eight bits, with the roundings of Pillow 10 (which follows Python's
/// `colorsys`): equal on all 2²⁴ colours in both directions.
enum HueCircle {
    /// The colour with its hue moved on by `shift` of 256 steps.
    ///
    /// Pillow scales the circle to 0…255 but lets hues overflow at 256; kept, as torchvision does it so.
    @inline(__always)
    static func moved(
        _ red: UInt8,
        _ green: UInt8,
        _ blue: UInt8,
        by shift: UInt8
    ) -> (red: UInt8, green: UInt8, blue: UInt8) {
        let (high, low) = (max(red, max(green, blue)), min(red, min(green, blue)))
        if high == low { return (red, green, blue) }
        let range = Float(high &- low)
        let saturation = UInt8(Double(range / Float(high)) * 255)
        let hue = hue(red, green, blue, high: high, range: range) &+ shift
        return color(hue: hue, saturation: saturation, value: high)
    }

    @inline(__always)
    private static func hue(_ red: UInt8, _ green: UInt8, _ blue: UInt8, high: UInt8, range: Float) -> UInt8 {
        let fromRed = Float(high &- red) / range
        let fromGreen = Float(high &- green) / range
        let fromBlue = Float(high &- blue) / range
        let sixths: Float =
            if red == high {
                fromBlue - fromGreen
            } else if green == high {
                Float(2 + Double(fromRed) - Double(fromBlue))
            } else {
                Float(4 + Double(fromGreen) - Double(fromRed))
            }
        let turns = Double(sixths) / 6 + 1
        return UInt8(Double(Float(turns >= 1 ? turns - 1 : turns)) * 255)
    }

    @inline(__always)
    private static func color(
        hue: UInt8,
        saturation: UInt8,
        value: UInt8
    ) -> (red: UInt8, green: UInt8, blue: UInt8) {
        if saturation == 0 { return (value, value, value) }
        let position = Double(hue) * 6 / 255
        let sector = Int(position)
        let fraction = Float(position - Double(sector))
        let purity = Float(Double(saturation) / 255)
        let level = Double(value)
        @inline(__always) func rounded(_ level: Double) -> UInt8 { UInt8(level + 0.5) }
        let least = rounded(level * (1 - Double(purity)))
        let falling = rounded(level * (1 - Double(purity * fraction)))
        let rising = rounded(level * (1 - Double(purity) * (1 - Double(fraction))))
        switch sector {
        case 1: return (falling, value, least)
        case 2: return (least, value, rising)
        case 3: return (least, falling, value)
        case 4: return (rising, least, value)
        case 5: return (value, least, falling)
        default: return (value, rising, least)
        }
    }
}
