import Logging
import Postgres
import Stores
import Telemetry

/// Tells the database every few seconds that this session lives, over a connection that nothing else uses.
///
/// It goes on while the worker computes, uploads and drains; its replies are all the control that the worker needs.
struct Heartbeat: Sendable {
    /// Its database must not repeat anything by itself: a beat that is late is worth less than a new one.
    let workers: WorkerStore
    let session: WorkerSession
    let interval: Duration
    let logger: Logger

    /// Beats until cancelled.
    func run() async {
        let backOff = BackOff(first: min(.milliseconds(500), interval), longest: interval)
        var generator = SystemRandomNumberGenerator()
        var failures = 0
        while !Task.isCancelled {
            let sentAt = ContinuousClock.now
            do {
                // A reply later than this would find the next beat overdue; a peer that vanished never replies.
                let limit = max(interval, .seconds(1))
                session.take(try await workers.beat(session.id, session.beat, timeLimit: limit), sentAt: sentAt)
                if failures > 0 { logger.notice("heartbeat is back") }
                failures = 0
            } catch {
                if error.category == .permission { return session.end(because: error) }
                // The worker fences itself by the clock; all there is to do here is to try again.
                if failures == 0 && !Task.isCancelled {
                    logger.warning("heartbeat failed", metadata: [LogKeys.error: .value(error)])
                }
                failures += 1
            }
            let pause = failures == 0 ? interval : backOff.pause(afterFailures: failures, using: &generator)
            try? await Task.sleep(for: pause)
        }
    }
}
