/// Conversions between fp32 and the two 16-bit formats on bit patterns, so that they round alike on every machine.
extension Float {
    /// The nearest IEEE binary16, ties to even; beyond 65519.99… it is an infinity, below 2⁻²⁵ a zero, signs kept.
    ///
    /// A NaN stays a quiet NaN with its sign and the upper bits of its payload.
    package var float16Bits: UInt16 {
        let sign = UInt16(truncatingIfNeeded: bitPattern >> 16) & 0x8000
        let magnitude = bitPattern & 0x7FFF_FFFF
        if magnitude > 0x7F80_0000 { return sign | 0x7E00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x3FF }
        if magnitude >= 0x4780_0000 { return sign | 0x7C00 }  // 65536 and up
        if magnitude >= 0x3880_0000 {  // 2⁻¹⁴ and up: rebias the exponent by 127 − 15, drop 13 bits
            return sign | UInt16(truncatingIfNeeded: Self.roundedShift(magnitude - 112 << 23, by: 13))
        }
        if magnitude <= 0x3300_0000 { return sign }  // 2⁻²⁵ is a tie between 0 and the least subnormal: even wins
        // Subnormal: the significand counts units of 2⁻²⁴; a carry out of ten bits is the least normal, as it should be.
        let significand = magnitude & 0x7F_FFFF | 0x80_0000
        return sign | UInt16(truncatingIfNeeded: Self.roundedShift(significand, by: 126 - magnitude >> 23))
    }

    /// The nearest bfloat16, ties to even; a NaN stays a quiet NaN.
    package var bfloat16Bits: UInt16 {
        if isNaN { return UInt16(truncatingIfNeeded: bitPattern >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: Self.roundedShift(bitPattern, by: 16))
    }

    /// Exact: every binary16 is an fp32; NaN payloads move up unchanged.
    package init(float16Bits bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let significand = UInt32(bits & 0x3FF)
        switch (exponent, significand) {
        case (0, _):  // zero, or a multiple of 2⁻²⁴: a product that is exact in fp32
            self = Float(bitPattern: sign | (Float(significand) * 0x1p-24).bitPattern)
        case (0x1F, _): self.init(bitPattern: sign | 0x7F80_0000 | significand << 13)
        default: self.init(bitPattern: sign | (exponent + 112) << 23 | significand << 13)
        }
    }

    /// Exact: bfloat16 is the upper half of an fp32.
    package init(bfloat16Bits bits: UInt16) {
        self.init(bitPattern: UInt32(bits) << 16)
    }

    /// `value / 2^shift`, rounded to nearest with ties to even.
    private static func roundedShift(_ value: UInt32, by shift: UInt32) -> UInt32 {
        let isOdd = value >> shift & 1
        return (value + (1 << (shift - 1) - 1) + isOdd) >> shift
    }
}
