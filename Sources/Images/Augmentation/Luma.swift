/// The gray level of a colour, 0.299 R + 0.587 G + 0.114 B in sixteen-bit fractions, halves up: ITU-R BT.601 as Pillow
/// computes it, bit for bit.
enum Luma {
    @inline(__always)
    static func of(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        let sum = UInt32(red) &* 19_595 &+ UInt32(green) &* 38_470 &+ UInt32(blue) &* 7_471
        return UInt8(truncatingIfNeeded: (sum &+ 0x8000) >> 16)
    }
}
