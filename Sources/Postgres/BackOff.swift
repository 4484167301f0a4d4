/// Growing, jittered pauses between attempts, so that a fleet does not return to a restarted server all at once.
package struct BackOff: Sendable, Hashable {
    package var first: Duration
    package var longest: Duration
    /// A pause is drawn evenly from (1 ± spread) times its nominal length.
    package var spread: Double

    package init(first: Duration = .milliseconds(500), longest: Duration = .seconds(30), spread: Double = 0.5) {
        precondition(first > .zero && longest >= first && (0...1).contains(spread), "no such back-off")
        (self.first, self.longest, self.spread) = (first, longest, spread)
    }

    /// The pause after the n-th failure in a row: `first · 2ⁿ⁻¹`, at most `longest`, then jittered.
    package func pause(
        afterFailures count: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        // 2^30 times any sensible first pause is past any longest one.
        let doublings = min(max(count - 1, 0), 30)
        let nominal = min(first * (1 << doublings), longest)
        return nominal * Double.random(in: (1 - spread)...(1 + spread), using: &generator)
    }
}
