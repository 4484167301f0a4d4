import Postgres
import Testing

@Suite("Back-off")
struct BackOffTests {
    @Test("pauses double up to the longest and stay within their spread", arguments: [1, 2, 3, 10, 64, 10_000])
    func bounds(failures: Int) {
        let backOff = BackOff(first: .milliseconds(500), longest: .seconds(30), spread: 0.5)
        let nominal = min(0.5 * Double(sign: .plus, exponent: min(failures - 1, 20), significand: 1), 30)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let pause = backOff.pause(afterFailures: failures, using: &generator) / .seconds(1)
            #expect((nominal * 0.5 - 1e-9...nominal * 1.5 + 1e-9).contains(pause))
        }
    }
}
