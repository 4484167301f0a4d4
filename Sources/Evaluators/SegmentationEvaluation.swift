package import Datasets

/// What the evaluation of a segmentation found: the scores of one confusion matrix over a whole data set, and the matrix.
///
/// As JSON its keys are in snake case, numbers have all their digits, and what is undefined is left out.
package struct SegmentationEvaluation: Codable, Hashable, Sendable {
    package struct ClassScore: Codable, Hashable, Sendable {
        package let id: Int
        package let name: String
        package let isUnseen: Bool
        package let truthPixels: UInt64
        package let predictedPixels: UInt64
        /// Nil where the class neither occurs nor is predicted.
        package let iou: Double?
        /// Nil where the class does not occur.
        package let recall: Double?

        package enum CodingKeys: String, CodingKey {
            case id, name, iou, recall
            case isUnseen = "unseen"
            case truthPixels = "truth_pixels"
            case predictedPixels = "predicted_pixels"
        }
    }

    package let images: Int
    /// By id.
    package let classes: [ClassScore]
    /// Mean IoU over the seen classes; this and the others from 0 to 1.
    package let seenIoU: Double?
    package let unseenIoU: Double?
    package let harmonicIoU: Double?
    /// Over all classes that occur or are predicted.
    package let meanIoU: Double?
    /// Over the classes that occur.
    package let presentIoU: Double?
    package let pixelAccuracy: Double?
    /// Of the names that were scored, in hexadecimal.
    package let classListDigest: String
    package let confusion: ConfusionMatrix
    /// Keys of pictures that could not be used.
    package let badImages: [String]

    /// - Precondition: a matrix of the list's classes.
    package init(_ matrix: ConfusionMatrix, classes list: ClassList, images: Int, badImages: [String] = []) {
        precondition(matrix.classCount == list.count, "a matrix of the list's classes")
        self.images = images
        self.badImages = badImages
        confusion = matrix
        classListDigest = list.digestText
        classes = list.entries.enumerated().map { id, entry in
            ClassScore(
                id: id,
                name: entry.name,
                isUnseen: entry.isUnseen,
                truthPixels: matrix.truthCount(of: id),
                predictedPixels: matrix.predictedCount(of: id),
                iou: matrix.iou(of: id),
                recall: matrix.recall(of: id)
            )
        }
        seenIoU = matrix.meanIoU(over: list.seen)
        unseenIoU = matrix.meanIoU(over: list.unseen)
        harmonicIoU = matrix.harmonicIoU(seen: list.seen, unseen: list.unseen)
        meanIoU = matrix.meanIoU(over: 0..<list.count)
        presentIoU = matrix.meanIoU(over: matrix.present)
        pixelAccuracy = matrix.pixelAccuracy
    }

    package enum CodingKeys: String, CodingKey {
        case images, classes, confusion
        case seenIoU = "seen_iou"
        case unseenIoU = "unseen_iou"
        case harmonicIoU = "harmonic_iou"
        case meanIoU = "mean_iou"
        case presentIoU = "mean_iou_present"
        case pixelAccuracy = "pixel_accuracy"
        case classListDigest = "class_list_digest"
        case badImages = "bad_images"
    }
}
