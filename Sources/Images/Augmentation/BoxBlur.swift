/// A moving average of fractional width in whole numbers: pixels up to `reach` away count in full, the next ones on either
/// side in part; beyond the border the last pixel repeats.
///
/// Three such passes each way stand for a Gaussian. Arithmetic and widths are those of Pillow 10, bit for bit.
///
/// - SeeAlso: Gwosdek et al. 2011, "Theoretical foundations of Gaussian convolution by extended box filtering".
struct BoxBlur {
    static let passes = 3

    let reach: Int
    /// In units of 2⁻²⁴; all weights together make 1.
    private let fullWeight: UInt32
    private let partWeight: UInt32

    /// The box whose three passes have the variance of a Gaussian.
    ///
    /// - Precondition: a sigma from 0 to 1000 pixels.
    init(sigma: Double) {
        precondition((0...1000).contains(sigma), "a blur has a width")
        let radius = Self.radius(sigma: Float(sigma))
        reach = Int(radius)
        fullWeight = UInt32(Float(1 << 24) / (radius * 2 + 1))
        partWeight = ((1 << 24) - UInt32(2 * reach + 1) * fullWeight) / 2
    }

    /// Equations 7, 11 and 14 of the paper, with Pillow's changes between Float32 and Float64.
    private static func radius(sigma: Float) -> Float {
        let variance = sigma * sigma / Float(passes)
        let length = Float((12 * Double(variance) + 1).squareRoot())
        let whole = Float(((Double(length) - 1) / 2).rounded(.down))
        let part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance)
        return whole + part / (6 * (variance - (whole + 1) * (whole + 1)))
    }

    /// Averages `count` neighbouring bytes at once.
    ///
    /// - Parameters:
    ///   - sums: room for `count` numbers.
    ///   - line: where the bytes lie that are `shift` pixels away in the direction of the blur, −reach − 1 ... reach + 1.
    @inline(__always)
    func average(
        _ count: Int,
        sums: UnsafeMutablePointer<UInt32>,
        into target: UnsafeMutablePointer<UInt8>,
        line: (_ shift: Int) -> UnsafePointer<UInt8>
    ) {
        sums.update(repeating: 0, count: count)
        for shift in -reach...reach {
            let bytes = line(shift)
            for index in 0..<count { sums[index] &+= UInt32(bytes[index]) }
        }
        let (before, after) = (line(-reach - 1), line(reach + 1))
        for index in 0..<count {
            let ends = UInt32(before[index]) &+ UInt32(after[index])
            let sum = sums[index] &* fullWeight &+ ends &* partWeight &+ (1 << 23)
            target[index] = UInt8(truncatingIfNeeded: sum >> 24)
        }
    }
}
