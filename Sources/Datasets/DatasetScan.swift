/// What indexing a dataset found: the index, and everything that did not get into it, each with its reason.
package struct DatasetScan: Sendable {
    package struct RejectedImage: Sendable, Hashable {
        package enum Reason: Sendable, Hashable {
            case bad(BadSample.Reason)
            case missing
            /// The record in the annotation file is unusable.
            case record(String)
            /// A dataset of pairs, and none of its captions can be used.
            case noCaption
        }

        /// The key, or what the annotation file has instead.
        package let key: String
        package let reason: Reason

        package init(key: String, reason: Reason) {
            self.key = key
            self.reason = reason
        }
    }

    package struct RejectedAnnotation: Sendable, Hashable {
        package enum Reason: Sendable, Hashable {
            case noImageID
            case unknownImage(Int64)
            /// Its image was rejected, with its own reason.
            case rejectedImage(Int64)
            case notFourNumbers
            case notFinite
            /// A number so large that it is a mistake.
            case beyondRange
            case empty(width: Double, height: Double)
            case outside(imageWidth: Int, imageHeight: Int)
        }

        package let file: String
        /// Position among the file's annotations, from 0.
        package let position: Int
        package let annotationID: Int64?
        package let reason: Reason

        package init(file: String, position: Int, annotationID: Int64?, reason: Reason) {
            self.file = file
            self.position = position
            self.annotationID = annotationID
            self.reason = reason
        }
    }

    package let index: DatasetIndex
    package let rejectedImages: [RejectedImage]
    package let rejectedAnnotations: [RejectedAnnotation]
    /// Lines of a table, and members of a shard, that belong to no picture.
    package let rejectedRecords: [RejectedRecord]
    package let warnings: [DatasetWarning]

    package init(
        index: DatasetIndex,
        rejectedImages: [RejectedImage] = [],
        rejectedAnnotations: [RejectedAnnotation] = [],
        rejectedRecords: [RejectedRecord] = [],
        warnings: [DatasetWarning] = []
    ) {
        self.index = index
        self.rejectedImages = rejectedImages
        self.rejectedAnnotations = rejectedAnnotations
        self.rejectedRecords = rejectedRecords
        self.warnings = warnings
    }

    /// One sentence for each thing that did not get in.
    package var rejections: [String] {
        rejectedImages.map { "\($0)" } + rejectedAnnotations.map { "\($0)" } + rejectedRecords.map { "\($0)" }
    }
}

extension DatasetScan.RejectedImage: CustomStringConvertible {
    package var description: String { "\(key): \(reason)" }
}

extension DatasetScan.RejectedImage.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .bad(let reason): "\(reason)"
        case .missing: "not found under the image root."
        case .record(let cause): cause
        case .noCaption: "no usable caption."
        }
    }
}

extension DatasetScan.RejectedAnnotation: CustomStringConvertible {
    package var description: String {
        let name = annotationID.map { "annotation \($0)" } ?? "annotation without id at position \(position)"
        return "\(file): \(name): \(reason)"
    }
}

extension DatasetScan.RejectedAnnotation.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noImageID: "no whole number as `image_id`."
        case .unknownImage(let id): "image \(id) is not among the file's images."
        case .rejectedImage(let id): "image \(id) was rejected."
        case .notFourNumbers: "`bbox` is not four numbers."
        case .notFinite: "`bbox` holds NaN or an infinity."
        case .beyondRange: "`bbox` holds a number beyond ±\(AnnotationBox.largestCoordinate)."
        case .empty(let width, let height): "`bbox` has no area (\(width) × \(height))."
        case .outside(let width, let height): "`bbox` lies outside of the image (\(width) × \(height))."
        }
    }
}
