import Foundation

/// Random numbers as a pure function of (run, epoch, sample, view) and a draw's number: never of job, attempt, worker,
/// time or order of use, so that a retried job sees the same numbers.
///
/// Draw `i` is a SplitMix64 output (Steele, Lea and Flood 2014) at counter `key + i·γ`.
package struct RandomGenerator: Hashable, Sendable {
    /// What all draws derive from.
    package let key: UInt64

    private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    package init(key: UInt64) {
        self.key = key
    }

    package init(run: UInt64, epoch: UInt64, sample: UInt64, view: UInt64) {
        key = [run, epoch, sample, view].reduce(0) { Self.finalized($0 ^ $1) }
    }

    private static func finalized(_ seed: UInt64) -> UInt64 {
        var z = seed &+ increment
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// All 64 bits of a draw.
    package func bits(at draw: Int) -> UInt64 {
        Self.finalized(key &+ UInt64(truncatingIfNeeded: draw) &* Self.increment)
    }

    /// A draw from [0, 1), a multiple of 2⁻⁵³.
    package func uniform(at draw: Int) -> Double {
        Double(bits(at: draw) >> 11) * 0x1p-53
    }

    /// A draw from 0, 1, … `bound` − 1.
    package func integer(below bound: Int, at draw: Int) -> Int {
        precondition(bound > 0, "nothing lies below \(bound)")
        return min(Int(uniform(at: draw) * Double(bound)), bound - 1)
    }

    /// The `index`-th standard normal number; uses draws `2·index` and `2·index + 1` (Box and Muller 1958).
    package func normal(at index: Int) -> Double {
        let radius = (-2 * log(1 - uniform(at: 2 * index))).squareRoot()
        return radius * cos(2 * .pi * uniform(at: 2 * index + 1))
    }

    /// Fisher and Yates from the last place down, one draw a place beginning with `firstDraw`.
    package func shuffled<Element>(_ elements: [Element], firstDraw: Int = 0) -> [Element] {
        var result = elements
        for (step, last) in stride(from: result.count - 1, to: 0, by: -1).enumerated() {
            result.swapAt(last, integer(below: last + 1, at: firstDraw + step))
        }
        return result
    }
}
