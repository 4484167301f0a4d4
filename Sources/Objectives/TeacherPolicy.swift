/// Which weights an objective compares the student with; they never receive a gradient.
package enum TeacherPolicy: Hashable, Sendable {
    /// The start weights, for the whole run.
    case frozen
    /// An exponential moving average that the aggregator keeps and publishes with each version.
    case movingAverage
    /// The objective needs no teacher.
    case none
}
