import Synchronization

/// How a loop waits for work: until something rings, or for its poll interval, whichever comes first.
///
/// Notifications are hints (protocol rule G6): whoever waits polls as well, so a lost ring costs latency only. A ring
/// while nobody waits is kept for the next wait; several count as one.
package final class Wakeup: Sendable {
    private enum State {
        case silent
        case rung
        case waited(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.silent)
    private let sleep: @Sendable (Duration) async throws -> Void

    package init(clock: some Clock<Duration> = ContinuousClock()) {
        sleep = { duration in try await clock.sleep(for: duration) }
    }

    /// Ends the wait that is under way, or the next one.
    package func ring() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { if case .waited = state { state = .silent } else { state = .rung } }
            if case .waited(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume()
    }

    /// Returns on a ring, after `limit`, or when the task is cancelled. One task at a time may wait.
    package func wait(atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [sleep] in try? await sleep(limit) }
            group.addTask { await self.nextRing() }
            await group.next()
            group.cancelAll()
        }
    }

    private func nextRing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if case .rung = state {
                        state = .silent
                        return true
                    }
                    if Task.isCancelled { return true }
                    state = .waited(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard case .waited(let continuation) = state else { return nil }
                state = .silent
                return continuation
            }
            waiter?.resume()
        }
    }
}
