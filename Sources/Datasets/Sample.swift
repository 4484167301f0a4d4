/// One picture of a dataset as its index knows it, without pixels.
package struct Sample: Sendable, Hashable {
    /// Position in the index: the number that seeds randomness and that jobs and the ledger speak of.
    package let id: Int64
    /// Path below the image root, components separated by `/`; of a picture in a shard, the shard's path and its name in
    /// there; of a composed scene, its main noun.
    package let key: String
    /// As the file's header says, in stored pixels.
    package let width: Int
    package let height: Int
    /// In the order of the annotation file; empty where the dataset has none.
    package let boxes: [AnnotationBox]
    /// In the order of the annotation file, each fit for an index (``Caption``); empty where the dataset has none.
    package let captions: [String]
    /// The number of its class, where the dataset gives whole pictures one.
    package let label: Int64?
    /// Where the labels of its pixels are, where the dataset has such.
    package let labelFile: LabelFile?
    /// Where its bytes lie, unless they are a file of their own.
    package let place: ShardPlace?

    package init(
        id: Int64,
        key: String,
        width: Int,
        height: Int,
        boxes: [AnnotationBox] = [],
        captions: [String] = [],
        label: Int64? = nil,
        place: ShardPlace? = nil,
        labelFile: LabelFile? = nil
    ) {
        self.id = id
        self.key = key
        self.width = width
        self.height = height
        self.boxes = boxes
        self.captions = captions
        self.label = label
        self.place = place
        self.labelFile = labelFile
    }

    /// The same at another position.
    func numbered(_ id: Int64) -> Sample {
        Sample(
            id: id,
            key: key,
            width: width,
            height: height,
            boxes: boxes,
            captions: captions,
            label: label,
            place: place,
            labelFile: labelFile
        )
    }
}
