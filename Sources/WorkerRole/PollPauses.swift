/// How long a worker without work waits before it looks again: short at first, as the next step often opens at once, then
/// longer and longer.
///
/// A notification ends each of the pauses. Where none arrives, a worker has waited at most half as long again as was
/// necessary.
package struct PollPauses: Sendable {
    private var pause: Duration
    private let longest: Duration

    /// - Parameters:
    ///   - busy: the database's `poll_busy_s`; the first pause is a twentieth of it.
    ///   - idle: its `poll_idle_s`, beyond which no pause grows.
    package init(busy: Duration, idle: Duration) {
        pause = busy / 20
        longest = idle
    }

    /// Jittered by a fifth, as workers start to wait together.
    package mutating func next() -> Duration {
        defer { pause = min(pause * 1.5, longest) }
        return pause * Double.random(in: 0.8...1.2)
    }
}
