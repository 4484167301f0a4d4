import Synchronization

/// A clock on which nobody waits: a sleep moves its time and is written down.
final class RecordingClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var elapsed: Duration

        func advanced(by duration: Duration) -> Instant { Instant(elapsed: elapsed + duration) }
        func duration(to other: Instant) -> Duration { other.elapsed - elapsed }
        static func < (a: Instant, b: Instant) -> Bool { a.elapsed < b.elapsed }
    }

    private let time = Mutex<(elapsed: Duration, sleeps: [Duration])>((.zero, []))

    var now: Instant { Instant(elapsed: time.withLock { $0.elapsed }) }
    var minimumResolution: Duration { .nanoseconds(1) }
    var sleeps: [Duration] { time.withLock { $0.sleeps } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        time.withLock { time in
            time.sleeps.append(deadline.elapsed - time.elapsed)
            time.elapsed = deadline.elapsed
        }
    }
}
