import Foundation
import Synchronization

/// Stops the process (SIGSTOP) on reaching a named point, or damages what a worker makes (``DataFault``); without
/// either it does nothing.
///
/// A test then kills the stopped process, or lets its lease lapse and continues it. Stopping instead of exiting makes
/// the instant certain: the test sees the process halt exactly there, with its heartbeat halted too.
package final class FaultInjector: Sendable {
    /// Never stops, damages nothing.
    package static let none = FaultInjector(point: nil, occurrence: 0)

    private let point: FaultPoint?
    private let data: DataFault?
    private let remaining: Mutex<Int>

    /// - Parameter occurrence: stops at the n-th time the point is reached, counted from 1, and never again.
    package init(point: FaultPoint?, occurrence: Int) {
        self.point = point
        data = nil
        remaining = Mutex(occurrence)
    }

    package init(_ data: DataFault) {
        point = nil
        self.data = data
        remaining = Mutex(data.occurrence ?? 0)
    }

    /// Reads `worker.claimed`, `worker.claimed:3` or a ``DataFault``; nil when the name is unknown or the count is not
    /// positive.
    package convenience init?(parsing text: String) {
        if text.contains("=") {
            guard let data = DataFault(parsing: text) else { return nil }
            self.init(data)
            return
        }
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
        // Sent to this very thread, it takes effect before the next instruction. Sent to the process, another thread may
        // take it, and this one gets as far as the next statement of the protocol meanwhile.
        if isDue() { raise(SIGSTOP) }
    }

    /// What a gradient of these samples is to be multiplied by; nil leaves it alone.
    package func gradientFactor(of samples: [Int64]) -> Float? {
        guard let data, case .gradientFactor(let bits) = data.kind, data.sample.map(samples.contains) ?? true else {
            return nil
        }
        return strikes(data) ? Float(bitPattern: bits) : nil
    }

    /// How the payload that is about to be sent is to be damaged.
    package var payloadDamage: DataFault.Payload? {
        guard let data, case .payload(let damage) = data.kind else { return nil }
        return strikes(data) ? damage : nil
    }

    /// The units that a manifest claims for `honest` ones.
    package func units(_ honest: Int) -> Int {
        guard let data, case .units(let claimed) = data.kind else { return honest }
        return strikes(data) ? claimed : honest
    }

    private func strikes(_ data: DataFault) -> Bool { data.occurrence == nil || isDue() }

    private func isDue() -> Bool {
        remaining.withLock { count in
            count -= 1
            return count == 0
        }
    }
}
