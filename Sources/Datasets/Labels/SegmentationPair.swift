/// A picture and its label file, by their paths, before either is read.
struct SegmentationPair: Sendable {
    let picture: String
    let label: LabelFile
}
