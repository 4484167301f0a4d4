/// One product on so many threads: ours, and OpenBLAS's own in the same rounds.
package struct ProductMeasurement: Codable, Hashable, Sendable {
    package let shape: ProductShape
    package let threads: Int
    /// Of one call.
    package let seconds: Spread
    package let blasSeconds: Spread
    /// Operations a second at the median.
    package let operationsPerSecond: Double
    package let blasOperationsPerSecond: Double
    /// Of the multiply-adds measured on as many threads in this run, 1 being all.
    package let shareOfPeak: Double
    /// The time that follows from operations and bytes, and ours over it.
    package let floorSeconds: Double
    package let ratioToFloor: Double
    /// OpenBLAS's time over ours: above 1 ours is faster.
    package let speedRatioToBlas: Double

    package init(_ shape: ProductShape, threads: Int, seconds: Spread, blas: Spread, peak: MeasuredPeak) {
        let floats = shape.rows * shape.inner + shape.inner * shape.columns + shape.rows * shape.columns
        let floor = Floor(operations: Double(shape.operations), bytes: Double(4 * floats)).seconds(at: peak)
        self.shape = shape
        self.threads = threads
        self.seconds = seconds
        blasSeconds = blas
        operationsPerSecond = Double(shape.operations) / seconds.median
        blasOperationsPerSecond = Double(shape.operations) / blas.median
        shareOfPeak = operationsPerSecond / peak.operationsPerSecond.median
        floorSeconds = floor
        ratioToFloor = seconds.median / floor
        speedRatioToBlas = blas.median / seconds.median
    }
}
