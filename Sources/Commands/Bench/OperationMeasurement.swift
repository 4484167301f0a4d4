package import Tensors

/// One primitive at one shape.
package struct OperationMeasurement: Codable, Hashable, Sendable {
    package let primitive: Primitive
    /// Of the main operand.
    package let shape: [Int]
    /// Of one call.
    package let seconds: Spread
    package let operations: Int
    package let bytes: Int
    package let operationsPerSecond: Double
    package let bytesPerSecond: Double
    package let floorSeconds: Double
    /// Below 1 where caches are faster than memory, or a call shares memory and moves nothing.
    package let ratioToFloor: Double

    package init(_ primitive: Primitive, shape: Shape, seconds: Spread, cost: PrimitiveCost, peak: MeasuredPeak) {
        let floor = Floor(operations: Double(cost.operations), bytes: Double(cost.bytes)).seconds(at: peak)
        self.primitive = primitive
        self.shape = shape.dimensions
        self.seconds = seconds
        (operations, bytes) = (cost.operations, cost.bytes)
        operationsPerSecond = Double(cost.operations) / seconds.median
        bytesPerSecond = Double(cost.bytes) / seconds.median
        floorSeconds = floor
        ratioToFloor = floor > 0 ? seconds.median / floor : 0
    }
}
