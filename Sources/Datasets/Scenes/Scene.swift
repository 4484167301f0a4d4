package import Images

/// A composed picture with all that is known about it.
package struct Scene: Sendable {
    package struct Object: Sendable, Hashable {
        /// Position among the nouns of the dataset.
        package let noun: Int
        package let name: String
        /// Of what can be seen of it.
        package let box: AnnotationBox
    }

    package let image: Image
    /// In the order in which they were laid; the main noun first.
    package let objects: [Object]
    /// For each pixel, row by row, 0 or 1 more than the position of the topmost object of more than half opacity.
    package let labels: [UInt8]
    package let caption: String

    /// Which pixels belong to an object.
    package func mask(of object: Int) -> SegmentationMask {
        SegmentationMask(
            width: image.width,
            height: image.height,
            isInside: labels.map { Int($0) == object + 1 }
        )
    }
}
