import Foundation
import Synchronization

/// Stops the process (SIGSTOP) on reaching a named point; without a point it does nothing.
///
/// A test then kills the stopped process, or lets its lease lapse and continues it. Stopping instead of exiting makes
/// the instant certain: the test sees the process halt exactly there, with its heartbeat halted too.
package final class FaultInjector: Sendable {
    /// Never stops.
    package static let none = FaultInjector(point: nil, occurrence: 0)

    private let point: FaultPoint?
    private let remaining: Mutex<Int>

    /// - Parameter occurrence: stops at the n-th time the point is reached, counted from 1, and never again.
    package init(point: FaultPoint?, occurrence: Int) {
        self.point = point
        self.remaining = Mutex(occurrence)
    }

    /// Reads `worker.claimed` or `worker.claimed:3`; nil when the name is unknown or the count is not positive.
    package convenience init?(parsing text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let point = parts.first.flatMap({ FaultPoint(rawValue: String($0)) }) else { return nil }
        let occurrence = parts.count == 1 ? 1 : Int(parts[1]) ?? 0
        guard occurrence > 0 else { return nil }
        self.init(point: point, occurrence: occurrence)
    }

    /// Whether a stop at `point` may still come: for points that lie where work is otherwise not divided.
    package func awaits(_ point: FaultPoint) -> Bool { point == self.point && remaining.withLock { $0 > 0 } }

    /// Marks that the caller is at `point`.
    package func reach(_ point: FaultPoint) {
        guard point == self.point else { return }
        let strikes = remaining.withLock { count in
            count -= 1
            return count == 0
        }
        if strikes { kill(getpid(), SIGSTOP) }
    }
}
