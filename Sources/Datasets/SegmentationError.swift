/// Why an outline gives no mask; the caller knows file and annotation.
package struct SegmentationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let cause: String

    package var description: String { "segmentation: \(cause). Exclude the annotation, or correct it." }
}
