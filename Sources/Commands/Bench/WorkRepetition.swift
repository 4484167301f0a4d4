/// One repetition of fixed work, as `bench step --work` prints it on a line.
package struct WorkRepetition: Codable, Hashable, Sendable {
    package let work: FixedWork
    /// From 1; the first still touches memory for the first time.
    package let repetition: Int
    package let seconds: Double
    package let threads: Int
    /// Floating-point operations of the repetition, as `PrimitiveCost` counts them.
    package let operations: Int
    /// Multiply-adds in registers just before, two operations each, on as many threads.
    package let peakOperationsPerSecond: Double
    /// The most that the process has held so far.
    package let peakResidentBytes: Int

    package init(
        work: FixedWork,
        repetition: Int,
        seconds: Double,
        threads: Int,
        operations: Int,
        peakOperationsPerSecond: Double,
        peakResidentBytes: Int
    ) {
        self.work = work
        self.repetition = repetition
        self.seconds = seconds
        self.threads = threads
        self.operations = operations
        self.peakOperationsPerSecond = peakOperationsPerSecond
        self.peakResidentBytes = peakResidentBytes
    }
}
