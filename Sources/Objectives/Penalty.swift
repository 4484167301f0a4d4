/// A term of the loss that no sample decides: a function of one parameter alone.
package struct Penalty: Sendable, Hashable {
    /// Of the weighed term: one number for each of the parameter's.
    package var gradient: [Float]
    /// What people should watch, by name; recorded with the version that the update makes.
    package var metrics: [String: Double]

    package init(gradient: [Float], metrics: [String: Double] = [:]) {
        self.gradient = gradient
        self.metrics = metrics
    }
}
