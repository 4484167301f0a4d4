/// What one primitive has done and taken so far.
package struct PrimitiveUsage: Hashable, Sendable {
    package var calls: Int
    /// Wall time within the primitive.
    package var seconds: Double
    package var cost: PrimitiveCost

    package init(calls: Int = 0, seconds: Double = 0, cost: PrimitiveCost = PrimitiveCost()) {
        self.calls = calls
        self.seconds = seconds
        self.cost = cost
    }

    package static func + (a: PrimitiveUsage, b: PrimitiveUsage) -> PrimitiveUsage {
        PrimitiveUsage(calls: a.calls + b.calls, seconds: a.seconds + b.seconds, cost: a.cost + b.cost)
    }
}
