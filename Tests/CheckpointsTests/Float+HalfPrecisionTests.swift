import Checkpoints
import TestSupport
import Testing

struct FloatHalfPrecisionTests {
    @Test("every fp16 pattern survives fp32 and back")
    func everyHalf() {
        let wrong = (0...UInt16.max).filter { bits in
            let float = Float(float16Bits: bits)
            let reference = Float16(bitPattern: bits)
            guard !reference.isNaN else { return !float.isNaN || float.float16Bits != bits | 0x200 }
            return float.bitPattern != Float(reference).bitPattern || float.float16Bits != bits
        }
        #expect(wrong.isEmpty)
    }

    @Test("every bf16 pattern survives fp32 and back")
    func everyBrain() {
        let wrong = (0...UInt16.max).filter { bits in
            let float = Float(bfloat16Bits: bits)
            return float.isNaN ? float.bfloat16Bits != bits | 0x40 : float.bfloat16Bits != bits
        }
        #expect(wrong.isEmpty)
    }

    @Test("random fp32 patterns round to fp16 as the language's own type does", arguments: [UInt64(11), 12])
    func randomHalf(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100_000 {
            // Half the exponents are beyond fp16, so every second value is brought near its range.
            var value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
            if Bool.random(using: &generator) {
                value = Float(
                    sign: .minus,
                    exponent: Int.random(in: -27...16, using: &generator),
                    significand: -value.significand
                )
            }
            guard !value.isNaN else { continue }
            #expect(value.float16Bits == Float16(value).bitPattern, "seed \(seed), \(value)")
        }
    }

    @Test("random fp32 patterns round to the nearest bf16, ties to even", arguments: [UInt64(21), 22])
    func randomBrain(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100_000 {
            let value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
            guard value.isFinite else { continue }
            let below = UInt16(value.bitPattern >> 16)
            let above = below + 1
            let distances = [below, above].map { abs(Double(Self.widened($0)) - Double(value)) }
            let nearest =
                distances[0] == distances[1]
                ? (below % 2 == 0 ? below : above) : (distances[0] < distances[1] ? below : above)
            #expect(value.bfloat16Bits == nearest, "seed \(seed), \(value)")
        }
    }

    @Test("NaN stays NaN, quiet, with its sign")
    func notANumber() {
        let signaling = Float(bitPattern: 0xFF80_0001)
        #expect(signaling.float16Bits == 0xFE00)
        #expect(signaling.bfloat16Bits == 0xFFC0)
        #expect(Float(float16Bits: 0x7C01).isNaN)
    }

    /// bf16 widened in fp64, where the pattern after the greatest finite one counts as 2¹²⁸ rather than infinity.
    private static func widened(_ bits: UInt16) -> Double {
        let value = Float(bfloat16Bits: bits)
        return value.isInfinite ? (value > 0 ? 0x1p128 : -0x1p128) : Double(value)
    }
}
