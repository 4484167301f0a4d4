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

    /// The class of each pixel: the position of its noun, void where there is background.
    ///
    /// - Precondition: nouns whose positions are ids of classes.
    package var labelMap: LabelMap {
        let ids = [LabelMap.void] + objects.map { UInt8($0.noun) }
        return LabelMap(width: image.width, height: image.height, values: labels.map { ids[Int($0)] })
    }
}
