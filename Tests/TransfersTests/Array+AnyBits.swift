import TestSupport

extension [Float] {
    /// Numbers with random bits: also infinite ones, subnormal ones and those that are none.
    static func anyBits(count: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
    }
}
