/// What a worker says every few seconds.
package struct Beat: Hashable, Sendable {
    /// All of them: a job absent from here for longer than `Settings.reconcileAfter` goes back to the queue.
    package var held: [FencingToken]
    /// Of the version that it works on.
    package var number: Int?
    /// True from the first SIGTERM on.
    package var isDraining: Bool
    /// Rates and sizes for the monitor, by name.
    package var statistics: [String: Double]

    package init(
        held: [FencingToken] = [],
        number: Int? = nil,
        isDraining: Bool = false,
        statistics: [String: Double] = [:]
    ) {
        (self.held, self.number, self.isDraining, self.statistics) = (held, number, isDraining, statistics)
    }
}
