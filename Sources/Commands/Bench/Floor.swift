/// The time below which work cannot be done, from what it must compute and what it must move.
package struct Floor: Codable, Hashable, Sendable {
    package var operations: Double
    package var bytes: Double

    package init(operations: Double = 0, bytes: Double = 0) {
        self.operations = operations
        self.bytes = bytes
    }

    /// The larger of operations over the measured rate and bytes over the measured bandwidth.
    ///
    /// Work that stays in caches can be faster than this: the bandwidth is that of memory.
    package func seconds(at peak: MeasuredPeak) -> Double {
        max(operations / peak.operationsPerSecond.median, bytes / peak.bytesPerSecond.median)
    }

    package static func + (a: Floor, b: Floor) -> Floor {
        Floor(operations: a.operations + b.operations, bytes: a.bytes + b.bytes)
    }
}
