/// One number about one version of a run.
package struct Metric: Hashable, Sendable {
    /// Of the version.
    package let number: Int
    package let name: String
    package let value: Double

    package init(number: Int, name: String, value: Double) {
        (self.number, self.name, self.value) = (number, name, value)
    }
}
