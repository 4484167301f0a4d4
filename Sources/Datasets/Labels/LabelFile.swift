/// Where the labels of a picture are stored.
package struct LabelFile: Sendable, Hashable {
    /// A region of a panoptic picture.
    package struct Segment: Sendable, Hashable {
        /// As its pixels store it: red + 256 · green + 65536 · blue.
        package let number: UInt32
        /// A class id or ``LabelMap/void``.
        package let id: UInt8

        package init(number: UInt32, id: UInt8) {
            (self.number, self.id) = (number, id)
        }
    }

    /// Path below the root.
    package let key: String
    /// By number; empty where pixels store values.
    package let segments: [Segment]

    /// - Precondition: numbers ascend.
    package init(key: String, segments: [Segment] = []) {
        precondition(zip(segments, segments.dropFirst()).allSatisfy { $0.number < $1.number }, "numbers ascend")
        (self.key, self.segments) = (key, segments)
    }
}
