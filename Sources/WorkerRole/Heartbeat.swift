import Logging
import Stores
import Telemetry

/// Tells the database every few seconds that this session lives, over a connection that nothing else uses.
///
/// It goes on while the worker computes, uploads and drains; its replies are all the control that the worker needs.
struct Heartbeat: Sendable {
    let workers: WorkerStore
    let session: WorkerSession
    let interval: Duration
    /// How long to wait for an answer: short enough for another try before the session has lapsed.
    let answerLimit: Duration
    let logger: Logger

    /// Beats until cancelled.
    func run() async {
        var isLost = false
        while !Task.isCancelled {
            let sentAt = ContinuousClock.now
            do {
                session.take(try await workers.beat(session.id, session.beat, timeLimit: answerLimit), sentAt: sentAt)
                if isLost { logger.notice("heartbeat is back") }
                isLost = false
            } catch {
                // The worker fences itself by the clock; all there is to do here is to try again.
                if !isLost && !Task.isCancelled {
                    logger.warning("heartbeat failed", metadata: [LogKeys.error: .value(error)])
                }
                isLost = true
            }
            try? await Task.sleep(for: interval)
        }
    }
}
