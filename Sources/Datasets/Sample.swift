/// One picture of a dataset as its index knows it, without pixels.
package struct Sample: Sendable, Hashable {
    /// Position in the index: the number that seeds randomness and that jobs and the ledger speak of.
    package let id: Int64
    /// Path below the image root, components separated by `/`.
    package let key: String
    /// As the file's header says, in stored pixels.
    package let width: Int
    package let height: Int
    /// In the order of the annotation file; empty where the dataset has none.
    package let boxes: [AnnotationBox]
    /// In the order of the annotation file, as they are written there; empty where the dataset has none.
    package let captions: [String]

    package init(
        id: Int64,
        key: String,
        width: Int,
        height: Int,
        boxes: [AnnotationBox] = [],
        captions: [String] = []
    ) {
        self.id = id
        self.key = key
        self.width = width
        self.height = height
        self.boxes = boxes
        self.captions = captions
    }
}
