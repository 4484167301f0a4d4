import Checkpoints

/// A target as it is kept: E numbers of a unit vector, or of several behind each other, each rounded to the nearest fp16, little endian.
///
/// A number of 2⁻¹⁴ or more moves by at most 2⁻¹¹ of itself, a smaller one by at most 2⁻²⁵; so the whole vector moves by
/// at most 2⁻¹¹ + √E · 2⁻²⁵. Whoever computes a target uses the rounded one too, hence a found target and a computed one
/// have equal bits. Its length is made one again after rounding (`Tensor.l2Normalized`), which leaves of the error only
/// the part across the target: a cosine near one, where a loss is small, is changed by a vanishing amount.
package struct RoundedTarget: Hashable, Sendable {
    /// 2 · E bytes.
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - values: `[E]`, of length one.
    ///   - rows: unit vectors of which it consists.
    /// - Returns: nil for what is no unit vector: such a target is used as it is, and kept nowhere.
    package init?(rounding values: some Collection<Float>, rows: Int = 1) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * values.count)
        for value in values {
            let half = value.float16Bits
            bytes.append(UInt8(truncatingIfNeeded: half))
            bytes.append(UInt8(truncatingIfNeeded: half >> 8))
        }
        self.init(bytes: bytes, size: values.count, rows: rows)
    }

    /// A stored target.
    ///
    /// - Returns: nil for anything that is not `size` numbers, a vector of length one or `rows` of them, whoever wrote it.
    package init?(bytes: [UInt8], size: Int, rows: Int = 1) {
        guard size > 0, size % rows == 0, bytes.count == 2 * size else { return nil }
        self.bytes = bytes
        let (floats, length) = (floats, size / rows)
        for start in stride(from: 0, to: size, by: length) {
            let square = floats[start..<start + length].reduce(0.0) { $0 + Double($1) * Double($1) }
            // A NaN or an infinity makes the sum one.
            guard abs(square - 1) < 0.01 else { return nil }
        }
    }

    /// `[E]`, exactly what is stored; of length one but for rounding.
    package var floats: [Float] {
        stride(from: 0, to: bytes.count, by: 2).map {
            Float(float16Bits: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
    }
}
