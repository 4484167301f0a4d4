package import Images

/// Why the bytes of a label file do not label its picture.
package enum LabelDefect: Error, Sendable, Hashable {
    case undecodable(ImageError.Reason)
    case wrongSize(width: Int, height: Int, pictureWidth: Int, pictureHeight: Int)
    /// The first stored value, in reading order, that stands for no class.
    case unknownValue(Int, column: Int, row: Int)
    /// The first panoptic segment, in reading order, that the annotation file does not describe.
    case unknownSegment(Int, column: Int, row: Int)
}

extension LabelDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .undecodable(let reason): reason.description
        case .wrongSize(let width, let height, let pictureWidth, let pictureHeight):
            "\(width) × \(height) pixels, its picture has \(pictureWidth) × \(pictureHeight). Both must be as stored."
        case .unknownValue(let value, let column, let row):
            "the value \(value) at column \(column), row \(row) is no class of the list. Check class list and layout."
        case .unknownSegment(let id, let column, let row):
            "segment \(id) at column \(column), row \(row) is not in the annotation file."
        }
    }
}
