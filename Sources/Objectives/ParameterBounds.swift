/// Where a parameter must stay: each update that takes it out of the range ends at the range's edge.
package struct ParameterBounds: Hashable, Sendable {
    package let path: String
    package let range: ClosedRange<Float>

    package init(_ path: String, _ range: ClosedRange<Float>) {
        self.path = path
        self.range = range
    }
}
