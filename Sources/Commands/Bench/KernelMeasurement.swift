package import Tensors

/// All calls of one primitive in a step.
package struct KernelMeasurement: Codable, Hashable, Sendable {
    package let primitive: Primitive
    package let calls: Int
    /// Of all calls together.
    package let seconds: Spread
    /// Of the whole step, 1 being all.
    package let share: Double
    package let operations: Int
    package let bytes: Int
    package let operationsPerSecond: Double
    package let bytesPerSecond: Double
    package let floorSeconds: Double
    package let ratioToFloor: Double

    /// nil for a primitive that was not called.
    init?(_ primitive: Primitive, in passes: [StepMeasurement.Pass], peak: MeasuredPeak) {
        guard let usage = passes.last?.usage[primitive] else { return nil }
        let time = Spread(passes.map { $0.usage[primitive]?.seconds ?? 0 })
        let floor = Floor(operations: Double(usage.cost.operations), bytes: Double(usage.cost.bytes))
            .seconds(at: peak)
        self.primitive = primitive
        calls = usage.calls
        seconds = time
        share = time.median / Spread(passes.map(\.total)).median
        (operations, bytes) = (usage.cost.operations, usage.cost.bytes)
        operationsPerSecond = time.median > 0 ? Double(usage.cost.operations) / time.median : 0
        bytesPerSecond = time.median > 0 ? Double(usage.cost.bytes) / time.median : 0
        floorSeconds = floor
        ratioToFloor = floor > 0 ? time.median / floor : 0
    }
}
