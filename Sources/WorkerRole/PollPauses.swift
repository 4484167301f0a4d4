import Stores

/// How long a worker without work waits before it looks again: short at first, as the next step often opens at once, then
/// longer and longer.
///
/// A notification ends each of the pauses. Where none arrives, a worker has waited at most half as long again as was
/// necessary.
struct PollPauses {
    private var pause: Duration
    private let longest: Duration

    init(_ settings: Settings) {
        pause = settings.pollBusy / 20
        longest = settings.pollIdle
    }

    /// Jittered, as workers start to wait together.
    mutating func next() -> Duration {
        defer { pause = min(pause * 1.5, longest) }
        return pause * Double.random(in: 0.8...1.2)
    }
}
